"""The gate's question about groups: a planted harm is refused however small the site, what chance did there is not."""

import numpy as np
import pytest

from learning.impact import Grouping, Measure, compare, holm

SITES = 200


def site(seed, people, *, harm=1.0, unlike=1.0, change=0.1):
    """Draw people of two groups with a share of attention each, now and by a model that gives one group `harm` times as much.

    `unlike` is how much less that group has either way; `change` is how far the model is from what decides now, person by person.
    """
    chance = np.random.default_rng(seed)
    held = chance.permutation(np.arange(people) % 2 == 0)
    now = np.clip(chance.beta(0.8, 1.6, people) * np.where(held, unlike, 1.0), 0.01, 1.0)
    model = np.clip(now + chance.normal(0, change, people), 0.0, 1.0) * np.where(held, harm, 1.0)
    ones = np.ones(people)
    groups = Grouping("group", np.where(held, "held", "others").astype(np.str_))
    return compare([Measure("exposure", model, ones, had_now=now)], [groups])


def shares(people, **kind):
    """Answer the shares of sites on which the group lies below four fifths, and is said to be harmed."""
    cells = [cell for seed in range(SITES) for cell in site(seed, people, **kind) if cell.value == "held"]
    return [np.mean([getattr(cell, each) for cell in cells]) for each in ("is_below", "is_harmed")]


@pytest.mark.parametrize("people", [60, 100, 300])
def test_a_model_that_takes_four_tenths_from_a_group_is_refused_wherever_it_shows(people):
    below, harmed = shares(people, harm=0.6)

    assert below > 0.9
    assert harmed >= 0.99 * below


def test_a_group_that_is_served_less_by_everything_is_found_where_it_can_be_seen():
    assert shares(600, unlike=0.6) == [1.0, 1.0]


def test_of_fair_sites_that_lie_below_four_fifths_by_chance_few_are_refused():
    below, harmed = shares(60, change=0.05)

    assert below > 0.1, "else the test asks nothing"
    assert harmed < below / 3


def test_chance_alone_excuses_nothing():
    """A model that shakes everything up on few people may do harm that nobody could see."""
    below = [cell for seed in range(SITES) for cell in site(seed, 60, change=0.6) if cell.is_below]

    assert np.mean([cell.is_harmed for cell in below]) > 0.9


def test_without_anything_to_compare_with_a_low_ratio_is_a_harm():
    ones, held = np.ones(80), np.arange(80) % 2 == 0
    measure = Measure("exposure", np.where(held, 0.2, 0.3), ones)

    harmed = {cell.value: cell.is_harmed for cell in compare([measure], [Grouping("group", np.where(held, "a", "b"))])}

    assert harmed == {"a": True, "b": False}


def test_of_many_chances_the_least_pays_for_all_and_none_falls_below_a_smaller_one():
    assert holm([0.04, 0.01, 0.03], 3) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.5, 0.9], 2) == [1.0, 1.0]
