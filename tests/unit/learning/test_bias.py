"""The bias audit: its arithmetic is the published one, planted bias is found, and nobody is told apart who must not be."""

import math
from random import Random

import numpy as np
import pytest

from learning.bias import EXPOSED, RECOMMENDED, SCORED, SHOWN, WANTED, Audit, audit_bias
from learning.groups import Labels
from learning.impact import UNKNOWN, Cell, rate_of, ratio
from profiles.erasures import NOTHING, encode_standing
from profiles.pseudonym import pseudonym
from schemas.topics import Topic
from tests.learning.site import MINUTE, START
from tests.unit.learning.served import ServedLog


def cell(audit: Audit, measure: str, attribute: str, value: str) -> Cell:
    (found,) = [
        each for each in audit.cells if (each.measure, each.attribute, each.value) == (measure, attribute, value)
    ]
    return found


def compared(audit: Audit, measure: str, attribute: str, value: str) -> float:
    found = cell(audit, measure, attribute, value).compared
    assert found is not None
    return found.value


def yes_and_no(yes: int, people: int):
    return rate_of((np.arange(people) < yes).astype(np.float64), np.ones(people))


@pytest.mark.parametrize(
    ("mine", "best", "published"),
    [
        ((157, 2435), (235, 2435), 0.668),  # callbacks, black against white (Bertrand & Mullainathan 2004)
        ((3, 8), (16, 25), 0.586),  # captains, Ricci v. DeStefano
        ((6, 19), (25, 43), 0.543),  # lieutenants, black against white
        ((3, 15), (25, 43), 0.344),  # lieutenants, Hispanic against white
        ((1179, 10771), (6662, 21790), 0.358),  # income over 50,000, women against men (UCI Adult)
    ],
)
def test_impact_ratios_are_the_published_ones(mine, best, published):
    figure, _ = ratio(yes_and_no(*mine), yes_and_no(*best))

    assert figure.value == pytest.approx(published, abs=0.0005)


CELLS = {
    ("f", "a"): (100, 20), ("f", "b"): (150, 45), ("f", "c"): (12, 3),
    ("m", "a"): (200, 60), ("m", "b"): (150, 60), ("m", "c"): (40, 10),
    ("", ""): (30, 9),
}  # fmt: skip
"""By sex and origin: people, and how many of them score above the median; as many score below it, the rest exactly there."""


@pytest.fixture(scope="module")
def six_cells() -> Audit:
    served, of = ServedLog(), {}
    for (sex, origin), (people, high) in CELLS.items():
        for number in range(people):
            person = f"u:{sex}{origin}{number}"
            of[person] = (sex, origin)
            served.serve(person, [("j", 0.9 if number < high else 0.1 if number < 2 * high else 0.5)])
    return audit_bias(served.log, Labels(("sex", "origin"), of))


def test_sums_are_those_of_a_hand_calculation(six_cells):
    rates = {
        ("sex", "f"): 68 / 262, ("sex", "m"): 130 / 390, ("origin", "a"): 80 / 300, ("origin", "b"): 105 / 300, ("origin", "c"): 13 / 52,
        ("sex and origin", "f and a"): 0.2, ("sex and origin", "f and b"): 0.3, ("sex and origin", "f and c"): 0.25,
        ("sex and origin", "m and a"): 0.3, ("sex and origin", "m and b"): 0.4, ("sex and origin", "m and c"): 0.25,
    }  # fmt: skip
    best = {"sex": 130 / 390, "origin": 105 / 300, "sex and origin": 0.4}

    assert six_cells.median == 0.5
    for (attribute, value), rate in rates.items():
        found = cell(six_cells, SCORED, attribute, value)
        assert found.rate == pytest.approx(rate, abs=1e-12)
        if value != "f and c":
            assert compared(six_cells, SCORED, attribute, value) == pytest.approx(rate / best[attribute], abs=1e-12)
    error = math.sqrt(0.8 / 20 + 0.6 / 60)
    interval = cell(six_cells, SCORED, "sex and origin", "f and a").compared
    assert interval is not None
    assert interval.low == pytest.approx(0.5 * math.exp(-1.959963984540054 * error), abs=1e-12)
    assert interval.high == pytest.approx(0.5 * math.exp(1.959963984540054 * error), abs=1e-12)


def test_a_group_under_two_percent_is_told_and_not_judged_and_who_declared_nothing_is_counted(six_cells):
    small, unknown = (cell(six_cells, SCORED, "sex and origin", name) for name in ("f and c", UNKNOWN))

    assert (small.people, small.compared) == (12, None)
    assert (unknown.people, unknown.compared) == (30, None)
    assert six_cells.undeclared == {"sex": 30, "origin": 30, "sex and origin": 30}


def test_of_a_group_in_which_people_could_be_recognised_no_figure_is_told():
    served, of = ServedLog(), {}
    for number in range(200):
        of[f"u:{number}"] = ("x" if number < 9 else "f",)
        served.serve(f"u:{number}", [("j", number / 200)])
    audit = audit_bias(served.log, Labels(("sex",), of))

    small = cell(audit, SCORED, "sex", "x")
    assert (small.people, small.share, small.rate, small.compared) == (None, None, None, None)
    assert cell(audit_bias(served.log, Labels(("sex",), of), least_told=0), SCORED, "sex", "x").people == 9


PEOPLE = 2_000
HANDICAP = 0.7
ORIGINS = ("a", "a", "a", "b", "b", "c")


def a_house(seed: int, handicapped: str | None) -> tuple[ServedLog, Labels]:
    """Answer a log whose scores say nothing about groups, but that one group's are a third lower where that is asked for."""
    chance, served, of = Random(seed), ServedLog(), {}
    for number in range(PEOPLE):
        person, values = f"u:{number}", (chance.choice("fm"), chance.choice(ORIGINS))
        of[person] = values
        fits = chance.betavariate(2, 6) * (HANDICAP if handicapped in values else 1.0)
        served.serve(person, [("j", fits)])
    return served, Labels(("sex", "origin"), of)


@pytest.mark.parametrize("group", ["f", "b"])
def test_a_model_that_is_planted_a_handicap_for_one_group_is_flagged_in_each_of_twenty_logs(group):
    for seed in range(20):
        served, labels = a_house(seed, group)

        flagged = audit_bias(served.log, labels).flagged

        assert any(each.value == group for each in flagged)


def test_a_fair_model_is_flagged_in_at_most_one_log_of_twenty():
    flagged = [bool(audit_bias(served.log, labels).flagged) for served, labels in (a_house(n, None) for n in range(20))]

    assert sum(flagged) <= 1


def test_a_group_that_is_served_by_fallbacks_more_often_is_flagged():
    served, of = ServedLog(), {}
    for number in range(400):
        of[f"u:{number}"] = ("f" if number % 2 else "m",)
        served.serve(f"u:{number}", [("j", 0.5)], rung="site" if number % 4 == 1 else "live")
        served.serve(f"u:{number}", [("j", 0.5)] if number % 8 != 1 else [])
    audit = audit_bias(served.log, Labels(("sex",), of))

    assert compared(audit, RECOMMENDED, "sex", "f") == pytest.approx(5 / 8)
    assert compared(audit, SHOWN, "sex", "f") == pytest.approx(7 / 8)
    assert [(each.measure, each.value) for each in audit.flagged] == [(RECOMMENDED, "f")]


def skilled(*, well_paid_for_women: float) -> Audit:
    """Audit a house in which most women are cooks, whose work is paid little; women who drive are shown well-paid work so often."""
    chance, served, of = Random(3), ServedLog(), {}
    for number in range(40):
        served.posting(f"cook-{number}", pay=20_000 + number, skills=["Cooking"])
        served.posting(f"driver-{number}", pay=90_000 + number if number < 20 else 20_000, skills=["driving"])
    for number in range(1_000):
        person, sex = f"u:{number}", "f" if number % 2 else "m"
        drives = chance.random() < (0.3 if sex == "f" else 0.7)
        of[person] = (sex,)
        served.declares(person, "driving" if drives else "cooking")
        share = 0.5 * (well_paid_for_women if sex == "f" else 1.0) if drives else 0.0
        kind = "driver" if drives else "cook"
        places = [chance.randrange(20) + (0 if chance.random() < share else 20) for _ in range(10)]
        served.serve(person, [(f"{kind}-{place}", 0.5) for place in places])
    return audit_bias(served.log, Labels(("sex",), of))


def test_exposure_to_well_paid_work_is_compared_among_people_of_like_skills():
    fair, unfair = skilled(well_paid_for_women=1.0), skilled(well_paid_for_women=0.7)

    assert all(compared(fair, EXPOSED, "sex", sex) >= 0.9 for sex in "fm")
    assert compared(unfair, EXPOSED, "sex", "f") == pytest.approx(0.7, abs=0.05)
    assert [(each.measure, each.value) for each in unfair.flagged] == [(EXPOSED, "f")]


def test_whom_employers_wanted_had_been_recommended_alike_or_the_group_is_flagged():
    served, of = ServedLog(), {}
    for number in range(400):
        person = f"u:{number}"
        of[person] = ("f" if number % 2 else "m",)
        missed = number % 4 == 1
        served.serve(person, [("j", 0.5)], at=START + 2 * MINUTE if missed else START)
        served.applies(person, "j", at=START + MINUTE)
    audit = audit_bias(served.log, Labels(("sex",), of))

    assert audit.wanted == 400
    assert cell(audit, WANTED, "sex", "m").rate == 1.0
    assert compared(audit, WANTED, "sex", "f") == pytest.approx(-0.5)
    assert [(each.measure, each.value) for each in audit.flagged] == [(WANTED, "f")]


def test_a_browser_and_its_user_are_one_person_and_who_was_erased_or_objected_is_left_out():
    served = ServedLog()
    served.happen("u:1", Topic.CLICKS, "Job Viewed", {"job_id": "j"}, START, browser="b-1")
    for person in ("u:1", "a:b-1", "u:2", "u:3"):
        served.serve(person, [("j", 0.5)])
    gone = {"u:2": NOTHING.with_erasure(), "u:3": NOTHING.with_objection(START)}
    for person, standing in gone.items():
        served.log.append(Topic.ERASURES, pseudonym(person), encode_standing(standing), START)
    audit = audit_bias(served.log, Labels(("sex",), {"a:b-1": ("f",), "u:2": ("m",)}), least_told=0)

    assert (audit.people, audit.lists, audit.left_out) == (1, 2, 2)
    assert [each.value for each in audit.cells if each.measure == SHOWN] == ["f"]


def test_a_list_that_was_logged_twice_counts_once():
    served = ServedLog()
    served.serve("u:1", [("j", 0.5)])
    served.log.topics[Topic.DECISIONS] *= 2

    assert audit_bias(served.log, Labels(("sex",), {})).lists == 1
