"""A promoted model that is missing, damaged, unreadable or slow never decides, and no answer is missing for it."""

import asyncio
import time

import pytest

from careerstream.models.topic import write_registry
from schemas.trained import PRIOR, STANDING, HeadRecord, Standing, encode_model, encode_standing
from scorers.features import FEATURE_NAMES
from tests.faults.house import House
from tests.faults.prober import Prober
from tests.unit.scorers.test_trained import a_model
from tests.unit.scorers.trees import grown

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

MISSING, DAMAGED = "missing-1", "damaged-1"


def promotions() -> dict[str, list[tuple[str, bytes | None]]]:
    """Answer what is written into the registry, by what is said of it then."""
    deep = HeadRecord((0.0,) * len(FEATURE_NAMES), 0.0, 1.0, grown(seed=1, trees=5000))
    slow = a_model(fit=deep, interest=deep)
    return {
        "there is no model": [(STANDING, encode_standing(Standing(champion=MISSING)))],
        "is slow": [(slow.name, encode_model(slow)), (STANDING, encode_standing(Standing(champion=slow.name)))],
        "is damaged": [(DAMAGED, b"\x1f\x8b and no gzip"), (STANDING, encode_standing(Standing(champion=DAMAGED)))],
        "standing_refused": [(STANDING, b"[]")],
    }


async def test_a_model_that_is_missing_damaged_or_slow_leaves_the_one_before_it_deciding_and_says_so(
    kafka, redis_url, prefix, tmp_path, measured
):
    options = {"bootstrap_servers": kafka.bootstrap}
    with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis_url, name=prefix.rstrip(".")) as house:
        with Prober(house) as prober:
            for problem, records in promotions().items():
                await write_registry(options, house.names, records)
                began = time.monotonic()
                for process in (house.api, *house.workers):
                    await asyncio.to_thread(house.await_said, problem, by=[process])
                measured("F18", "a model that cannot be used is noticed", time.monotonic() - began, "s", 5)
            await asyncio.to_thread(prober.await_undegraded)
        assert house.restart_ended_workers() == 0
    assert prober.heard.models == {PRIOR}
    assert "model_fallback" in prober.heard.warnings
