"""Exposure floors: kept at every prefix, with the ranking changed no more than they ask for, and only where a policy sets them."""

from random import Random

import numpy as np
import pytest

from scorers.floors import OTHERS, floored
from scorers.policy import Floors, Policy, Selector
from tests.unit.scorers.builders import a_catalog, a_job, a_person, decided, shown


def a_pool(chance: Random, count: int, size: int = 100) -> tuple[list[int], list[float]]:
    """Answer a ranking's groups, drawn unlike the shares that they are to have, and those shares."""
    shares = np.array([chance.uniform(0.5, 1.5) for _ in range(count)])
    drawn = np.array([chance.uniform(0.5, 1.5) for _ in range(count)])
    groups = chance.choices(range(count), weights=drawn.tolist(), k=size)
    return groups, (shares / shares.sum()).tolist()


@pytest.mark.parametrize("count", range(2, 9))
def test_no_prefix_breaks_a_floor_that_the_pool_can_keep(count: int):
    chance = Random(count)
    for _ in range(150):
        groups, shares = a_pool(chance, count)
        order = floored(groups, shares)
        sizes = [groups.count(group) for group in range(count)]

        assert sorted(order) == list(range(len(groups)))
        held = [0] * count
        for first, place in enumerate(order, 1):
            held[groups[place]] += 1
            assert all(
                held[group] >= min(int(first * share + 1e-9), sizes[group]) for group, share in enumerate(shares)
            )


def test_what_keeps_its_floors_already_stays_as_it_is():
    assert floored([0, 1, 0, 1, OTHERS, 0], [0.4, 0.3]) == list(range(6))


def test_only_as_much_moves_up_as_a_floor_asks_for():
    assert floored([OTHERS, OTHERS, OTHERS, OTHERS, OTHERS, 0, 0], [0.25]) == [0, 1, 2, 5, 3, 4, 6]


def test_within_a_group_the_ranking_holds():
    groups, shares = a_pool(Random(3), 4)
    order = floored(groups, shares)

    for group in range(4):
        mine = [place for place in order if groups[place] == group]
        assert mine == sorted(mine)


def test_a_selector_with_floors_shows_its_share_of_each_value_and_one_without_does_not():
    words = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta", "Iota", "Kappa", "Lambda", "Sigma"]
    near = [
        a_job(f"s-{number}", title=f"Nurse {word}", employer=f"E{number}", workplace="ON_SITE")
        for number, word in enumerate(words)
    ]
    far = [
        a_job(f"r-{number}", title="Cook", town="Berlin", employer=f"F{number}", workplace="REMOTE")
        for number in range(12)
    ]
    catalog, person = a_catalog(*near, *far), a_person(viewed=["s-0", "s-1"])
    floors = Floors("workplace", {"REMOTE": 0.25, "HYBRID": 0.25})

    with_floors, without = (
        shown(decided(person, catalog, policy=Policy(selectors=(Selector("jobs", "for-you", floors=each),))))
        for each in (floors, None)
    )

    assert [sum(job.startswith("r-") for job in with_floors[:first]) for first in (4, 8, 12)] == [1, 2, 3]
    assert not any(job.startswith("r-") for job in without[:8])
    assert [job for job in with_floors if job.startswith("s-")] == [job for job in without if job.startswith("s-")]
