"""Judging sees through the place: what stood on top was opened more, and is no better for it."""

import numpy as np
import pytest

from learning.examples import NEVER, Examples
from learning.exposures import ShownList
from learning.judging import judge
from learning.rankers import CANDIDATE, INCUMBENT, as_served
from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel

LISTS, LENGTH = 3_000, 10
DAY = 86_400_000
LOOKED_AT = np.arange(1, LENGTH + 1) ** -1.0


@pytest.fixture(scope="module")
def shuffled():
    """Lists in an order that says nothing of what is good: one posting in five is, and is opened where it is looked at."""
    chance = np.random.default_rng(1)
    good = chance.random((LISTS, LENGTH)) < 0.2
    opened = good & (chance.random((LISTS, LENGTH)) < LOOKED_AT)
    return _examples(opened), good.ravel().astype(np.float64), chance.random(LISTS * LENGTH)


def _examples(opened):
    rows = opened.size
    number = np.repeat(np.arange(len(opened)), LENGTH)
    never = np.full(rows, NEVER, np.int64)
    return Examples(
        matrix=np.zeros((rows, len(FEATURE_NAMES)), np.float32),
        list_number=number,
        at=number.astype(np.int64),
        position=np.tile(np.arange(1, LENGTH + 1), len(opened)),
        propensity=np.ones(rows),
        job_id=np.array([f"j-{each}" for each in range(rows)], np.str_),
        responded_at=np.where(opened.ravel(), number, NEVER),
        strength=np.ones(rows),
        dismissed_at=never,
        submitted_at=never,
        wanted_at=never,
        rejected_at=never,
        lists=tuple(ShownList(f"c-{each}", "b", f"u:{each}", each, "jobs", "m", ()) for each in range(len(opened))),
    )


def judged(examples, candidate):
    prior = PriorModel()
    named = {CANDIDATE: lambda known: candidate[known.list_number * LENGTH + known.position - 1], INCUMBENT: as_served}
    places = np.log(LOOKED_AT).tolist()
    return judge(examples, named, model=prior, prior=prior, as_of=10 * DAY, places=places)


def test_an_order_no_better_than_the_one_served_is_not_found_worse_because_it_was_not_served(shuffled):
    examples, _, by_chance = shuffled

    gain = judged(examples, by_chance).gain

    assert gain.low < 0 < gain.high


def test_an_order_that_knows_what_is_good_is_found_better(shuffled):
    examples, good, _ = shuffled

    assert judged(examples, good).gain.low > 0
