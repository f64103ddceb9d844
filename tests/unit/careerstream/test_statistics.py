"""Statistics follow what was counted, and become columns of the catalogue that decides."""

import asyncio

import numpy as np
import pytest

from careerstream.statistics import StatisticsFollower
from profiles.counts import Tally
from profiles.memory_store import MemoryStore
from schemas.events import JobsShown, JobViewed
from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.trends import Trends
from tests.unit.scorers.builders import NOW, a_catalog, a_job, a_person, a_query

JOBS = [a_job(f"j-{number}") for number in range(6)]


def count(store: MemoryStore, *events) -> None:
    tally = Tally()
    for event in events:
        tally.add(event, event.at)
    store.counts.add(tally.counts)


def shown_and_viewed(times: int, views: int, job: str) -> list:
    shown = [JobsShown(at=NOW - n, id=f"s-{job}-{n}", job_ids=(job,)) for n in range(times)]
    return [*shown, *[JobViewed(at=NOW - n, id=f"v-{job}-{n}", job_id=job, position=1) for n in range(views)]]


async def test_what_is_opened_more_often_appeals_more_in_a_decision():
    store, catalog = MemoryStore(), a_catalog(*JOBS)
    follower = StatisticsFollower(store, catalog, lambda: NOW)
    count(store, *shown_and_viewed(40, 30, "j-1"), *shown_and_viewed(40, 5, "j-2"))

    await follower.read()

    ((_, recall),) = decide(
        [a_query(a_person())], catalog=catalog, policy=Policy(), model=PriorModel(), trends=Trends(), now=NOW,
        responses=follower.responses,
    )  # fmt: skip
    evidence = recall()
    column = FEATURE_NAMES.index("appeal")
    width = len(FEATURE_NAMES)
    matrix = np.frombuffer(evidence.matrix, "<f4").reshape(-1, width)
    appeal = dict(zip(evidence.considered, matrix[:, column].tolist(), strict=True))
    assert appeal["j-1"] > 0.2
    assert appeal["j-2"] < -0.2
    assert appeal["j-3"] == 0.0


async def test_only_what_moved_is_read_again_and_adds_up():
    store, told = MemoryStore(), []
    follower = StatisticsFollower(store, a_catalog(*JOBS), lambda: NOW, on_read=lambda figures, _: told.append(figures))
    count(store, *shown_and_viewed(4, 2, "j-1"))
    await follower.read()
    count(store, *shown_and_viewed(0, 3, "j-1"), *shown_and_viewed(2, 1, "j-2"))

    await follower.read()

    figures = told[-1]
    assert figures.viewed[figures.rows["j-1"]].tolist() == pytest.approx([5.0] * 3, rel=1e-3)
    assert figures.shown[figures.rows["j-2"]].tolist() == pytest.approx([2.0] * 3, rel=1e-3)


async def test_nothing_is_worked_out_while_the_catalogue_is_being_changed():
    store, reading = MemoryStore(), asyncio.Lock()
    follower = StatisticsFollower(store, a_catalog(*JOBS), lambda: NOW, reading=reading)
    count(store, *shown_and_viewed(4, 2, "j-1"))
    async with reading:
        read = asyncio.create_task(follower.read())
        done, _ = await asyncio.wait({read}, timeout=0.1)
    await read

    assert not done
    assert follower.responses.columns.any()
