"""Everything at half of its capacity for a while: no more files are open than before, commits stay young, answers are 200 or 429."""

import pytest

from benchmarks.soak import AGE_LIMIT_S, FILES_LIMIT, VISITORS, fill, half_of_capacity, watched
from tests.faults.house import House

pytestmark = [pytest.mark.servers, pytest.mark.timeout(1800)]

SECONDS = (26.0, 600.0)
"""How long, and in a long run. What memory does is for `make soak` to say: a run of ten minutes told 16 % an hour of the API, one of
an hour none, for pools and caches fill that long."""
FEW = 100
"""People with a whole profile beforehand in a short run."""


async def test_at_half_of_its_capacity_the_house_opens_no_more_files_keeps_up_and_answers_nothing_but_200_and_429(
    kafka, redis_url, prefix, tmp_path, long, measured
):
    with House(tmp_path / "house", bootstrap=kafka.bootstrap, redis_url=redis_url, name=prefix.rstrip(".")) as house:
        await fill(house, VISITORS if long else FEW)
        rate = await half_of_capacity(house, seconds=10.0 if long else 2.0)
        watch = await watched(house, SECONDS[long], rate)
        assert house.restart_ended_workers() == 0
    assert watch.statuses["200"] > 0
    assert watch.others == {}
    assert {name: count for name, count in watch.files_grown.items() if count > FILES_LIMIT} == {}
    measured("F19", "commit age, the oldest", watch.oldest_commit, "s", AGE_LIMIT_S)
    measured("F19", "growth of open files", max(watch.files_grown.values()), "", FILES_LIMIT)
