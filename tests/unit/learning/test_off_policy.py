"""Off-policy estimates are those of the field's own package, and see through the policy that made the log."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from learning.off_policy import Rounds, estimate

DATA = Path(__file__).parents[2] / "data" / "open_bandit"
OBP = json.loads((DATA / "obp.json").read_text())
ITEMS, POSITIONS = 80, 3


def read(name):
    with gzip.open(DATA / f"{name}.csv.gz", "rt") as file:
        table = np.loadtxt(file, delimiter=",", skiprows=1)
    return table[:, 0].astype(int), table[:, 1].astype(int), table[:, 2], table[:, 3]


def rounds_of(name, other):
    """Ask of one log what the other log's policy would have earned (tests/data/open_bandit/PROVENANCE.md)."""
    item, position, click, propensity = read(name)
    its_item, its_position, _, _ = read(other)
    policy = np.ones((ITEMS, POSITIONS))
    np.add.at(policy, (its_item, its_position), 1)
    policy /= policy.sum(axis=0)
    guess = (np.bincount(item, click, ITEMS) + 1) / (np.bincount(item, minlength=ITEMS) + 200)
    return Rounds(
        number=np.arange(len(item)),
        reward=click,
        weight=policy[item, position] / propensity,
        predicted=guess[item],
        direct=(guess @ policy)[position],
        people=np.arange(len(item)).astype(str),
    )


@pytest.mark.parametrize(("name", "other"), [("random_all", "bts_all"), ("bts_all", "random_all")])
def test_estimates_on_open_bandit_equal_those_of_obp(name, other):
    found = estimate(rounds_of(name, other))

    for estimator, (value, low, high) in OBP[name].items():
        mine = getattr(found, estimator)
        assert mine.value == pytest.approx(value, rel=1e-9)
        # Two bootstraps of their own.
        assert mine.low == pytest.approx(low, abs=0.1 * (high - low))
        assert mine.high == pytest.approx(high, abs=0.1 * (high - low))


def test_the_policy_that_made_the_log_is_worth_what_it_earned():
    asked = rounds_of("random_all", "bts_all")
    found = estimate(replace(asked, weight=np.ones(len(asked.weight))))

    assert found.ips.value == pytest.approx(asked.reward.mean())
    assert found.effective == pytest.approx(len(asked.weight))
