"""A promoted model that is missing, damaged, unreadable or slow never decides: the one before it does, and no answer is missing."""

import asyncio
import time

import orjson
import pytest

from careerstream.models.topic import write_registry
from schemas.chain import HEADER, decode_link
from schemas.logged import decode_logged
from schemas.topics import Topic
from schemas.trained import STANDING, HeadRecord, Promotion, Standing, TrainedModel, encode_model, encode_standing
from scorers.features import FEATURE_NAMES
from tests.faults.house import PUBLISHABLE, House
from tests.faults.prober import Prober, headers
from tests.faults.rounds import Call, Rounds, Told
from tests.streaming import read_all
from tests.unit.scorers.test_trained import a_model
from tests.unit.scorers.trees import grown

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

MISSING, DAMAGED = "missing-1", "damaged-1"
STRANGER: Call = ('{"selectors": ["jobs"]}', headers(PUBLISHABLE))
Records = list[tuple[str, bytes | None]]


def promoting(standing: Standing, name: str) -> tuple[Standing, tuple[str, bytes]]:
    """Answer the standing once this was promoted, as commands write it, and its record."""
    now = standing.promoted(Promotion(name, len(standing.history), "ann", "a test"))
    return now, (STANDING, encode_standing(now))


def promotions(trained: TrainedModel) -> dict[str, Records]:
    """Answer what is written into the registry after the trained model, by what is said of it then."""
    deep = HeadRecord((0.0,) * len(FEATURE_NAMES), 0.0, 1.0, grown(seed=1, trees=5000))
    slow = a_model(fit=deep, interest=deep)
    standing, _ = promoting(Standing(), trained.name)
    standing, too_slow = promoting(standing, slow.name)
    standing, back = promoting(standing, trained.name)
    standing, missing = promoting(standing, MISSING)
    standing, damaged = promoting(standing, DAMAGED)
    return {
        "is slow": [(slow.name, encode_model(slow)), too_slow],
        "there is no model": [back, missing],
        "is damaged": [(DAMAGED, b"\x1f\x8b and no gzip"), damaged],
        "standing_refused": [(STANDING, b"[]")],
    }


async def test_whatever_is_wrong_with_a_promoted_model_the_trained_one_before_it_decides_everywhere_and_after_restarts(
    kafka, redis_url, prefix, tmp_path, measured
):
    trained = a_model()
    options = {"bootstrap_servers": kafka.bootstrap}
    with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis_url, name=prefix.rstrip(".")) as house:
        processes = (house.api, *house.workers)

        async def written(records: Records, told: str) -> None:
            await write_registry(options, house.names, records)
            for process in processes:
                await asyncio.to_thread(house.await_said, told, by=[process])

        _, promoted = promoting(Standing(), trained.name)
        await written([(trained.name, encode_model(trained)), promoted], f'"now":"{trained.name}"')
        with Prober(house) as prober:
            for problem, records in promotions(trained).items():
                began = time.monotonic()
                await written(records, problem)
                measured("F18", "a model that cannot be used is noticed", time.monotonic() - began, "s", 5)
            await asyncio.to_thread(prober.await_undegraded)
        assert house.restart_ended_workers() == 0

        at_once = set[str]()
        with Rounds(house.port, 0.01, [STRANGER], lambda told: at_once.update(_models(told))):
            for process in processes:
                await asyncio.to_thread(process.stop, grace_s=12)
                process.start(ready=lambda: True, deadline_s=60)
            await asyncio.to_thread(house.await_ready)
        with Prober(house) as afterwards:
            await asyncio.to_thread(afterwards.await_undegraded)
        logged = await _logged(house)
    assert prober.heard.models == at_once == afterwards.heard.models == {trained.name}
    assert prober.heard.warnings == afterwards.heard.warnings == {"model_fallback"}
    assert {model for _, model in logged} == {trained.name}
    assert len({writer for writer, _ in logged if writer.startswith("worker-")}) == 2, "before and after the restart"


def _models(told: Told) -> set[str]:
    """Answer which models speak in an answer; none where there is none, while the API is down."""
    return {choice["model"] for choice in orjson.loads(told.body)["choices"]} if told.status == 200 else set()


async def _logged(house: House) -> set[tuple[str, str]]:
    """Answer which processes made whole decisions, and by which models."""
    made = set()
    for record in await read_all(house.bootstrap, house.names.full(Topic.DECISIONS)):
        logged = decode_logged(record.value)
        if logged is not None and logged.decision.model:
            made.add((decode_link(dict(record.headers)[HEADER]).writer, logged.decision.model))
    return made
