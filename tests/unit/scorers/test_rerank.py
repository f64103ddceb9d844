"""Rerankers: kinds spread out, quotas, pins, and one place for chance."""

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest

from scorers.policy import Diversity, Exploration, Pin, Policy, Selector
from scorers.rerank import LAST, explore, keys_of, usable
from tests.unit.scorers.builders import DAY, NOW, a_catalog, a_job, a_person, chosen, decided, shown

MANY = [
    a_job(f"j-{number}", title=f"Nurse {word}", employer="One Employer")
    for number, word in enumerate(
        [
            "Alpha",
            "Beta",
            "Gamma",
            "Delta",
            "Epsilon",
            "Zeta",
            "Eta",
            "Theta",
            "Iota",
            "Kappa",
            "Lambda",
            "Sigma",
            "Omega",
            "Tau",
            "Rho",
        ]
    )
]
OTHER = [a_job(f"o-{number}", title="Cook", town="Berlin", employer=f"E{number}") for number in range(12)]


def _jobs_policy(**members) -> Policy:
    return Policy(selectors=(Selector("jobs", playlist="for-you", **members),))


def test_one_employer_holds_no_more_than_its_share_of_the_first_places():
    policy = _jobs_policy(diversity=Diversity(at_most={"employer": 3}, within=10))

    made = decided(a_person(viewed=["j-0", "j-1", "o-0"]), a_catalog(*MANY, *OTHER), policy=policy)

    first = shown(made)[:10]
    assert sum(job.startswith("j-") for job in first) == 3
    assert shown(made)[10].startswith("j-")


def test_near_duplicates_do_not_stand_side_by_side_when_there_is_something_else():
    twins = [a_job(f"t-{number}", employer=f"E{number}") for number in range(6)]
    other = a_job("other", title="Nurse Educator", employer="E9", occupation="Nurse Educators")
    policy = _jobs_policy(diversity=Diversity(title=3.0))

    made = decided(a_person(viewed=["t-0"]), a_catalog(*twins, other), policy=policy)

    assert "other" in shown(made)[:2]


def test_without_diversity_the_order_is_that_of_the_scores():
    policy = _jobs_policy(diversity=Diversity(0, 0, 0, at_most={}))

    made = decided(a_person(viewed=["j-0"]), a_catalog(*MANY, *OTHER), policy=policy)

    scores = [item.score for item in chosen(made).items]
    assert scores == sorted(scores, reverse=True)


def test_a_pin_stands_where_the_curator_put_it_and_says_so():
    policy = replace(_jobs_policy(), pins=(Pin("jobs", "o-3", position=2),))

    made = decided(a_person(viewed=["j-0"]), a_catalog(*MANY, *OTHER), policy=policy)

    item = chosen(made).items[1]
    assert (item.id, item.source, item.propensity) == ("o-3", "pin", 1.0)
    assert item.reasons[0].code == "editorial"


@pytest.mark.parametrize(
    "pin",
    [
        Pin("jobs", "o-3", starts_at=NOW + DAY),
        Pin("jobs", "o-3", ends_at=NOW),
        Pin("jobs", "o-3", segments=("nurses",)),
        Pin("jobs", "gone"),
    ],
)
def test_a_pin_out_of_force_moves_nothing(pin: Pin):
    plain = decided(a_person(viewed=["j-0"]), a_catalog(*MANY, *OTHER), policy=_jobs_policy())

    made = decided(a_person(viewed=["j-0"]), a_catalog(*MANY, *OTHER), policy=replace(_jobs_policy(), pins=(pin,)))

    assert shown(made) == shown(plain)


def test_no_pin_brings_back_what_was_dismissed():
    policy = replace(_jobs_policy(), pins=(Pin("jobs", "o-3"),))

    made = decided(a_person(viewed=["j-0"], dismissed=["o-3"]), a_catalog(*MANY, *OTHER), policy=policy)

    assert "o-3" not in shown(made)


def test_a_drawn_posting_stands_at_its_place_and_tells_its_probability():
    policy = _jobs_policy(keep=8, exploration=Exploration(position=3, pool=12))
    far = [a_job(f"f-{number}", title="Gardener", town="Ulm", employer=f"F{number}") for number in range(60)]

    made = decided(a_person(viewed=["j-0"]), a_catalog(*MANY, *far), policy=policy)

    drawn = chosen(made).items[2]
    assert drawn.source == "exploration"
    assert drawn.reasons[0].code == "exploration"
    assert 1 / 12 <= drawn.propensity < 1


@pytest.mark.parametrize(("share", "listed"), [(0.5, 10), (1.0, 10), (0.5, 7)])
def test_each_posting_is_kept_as_often_as_its_propensity_says(share: float, listed: int):
    """Over all chances, not over a sample: the unit interval in 5,000 even steps."""
    ranked, pool = list(range(listed)), list(range(4, 40))
    exploration = Exploration(position=3, share=share)
    counts: Counter[int] = Counter()
    told: dict[int, set[float]] = defaultdict(set)
    steps = 5_000

    for step in range(steps):
        ranking = explore(ranked, pool, chance=(step + 0.5) / steps, exploration=exploration, keep=10)
        counts.update(ranking.order)
        for place, row in enumerate(ranking.order):
            told[row].add(ranking.propensities.get(place, 1.0))

    assert set(told) == set(range(40))
    for row, (propensity,) in told.items():
        assert abs(counts[row] / steps - propensity) < 2 / steps


def test_what_is_not_a_number_comes_after_everything_that_is():
    utility = usable(np.array([np.nan, -50.0, np.inf, 3.0, -np.inf]))

    order = keys_of(utility, np.zeros(5, np.int64)).argsort()

    assert order[:2].tolist() == [3, 1]


def test_equals_are_told_apart_by_their_tie_and_no_key_is_that_of_what_may_not_be_shown():
    keys = keys_of(usable(np.array([0.0, 0.0, 0.0, -np.inf])), np.array([3, 1, 2, 2**32 - 1]))

    assert keys.argsort().tolist() == [1, 2, 0, 3]
    assert keys.max() < LAST
