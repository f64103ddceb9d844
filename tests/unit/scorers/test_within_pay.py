"""Fit within pay: the employer's side orders postings of about the same pay, and does not weigh one kind of pay against another."""

import pytest

from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.policy import Diversity, Policy, Selector
from tests.unit.scorers.builders import DAY, NOW, a_catalog, a_job, a_person, asked, chosen, decided, shown

NOTHING = dict.fromkeys(FEATURE_NAMES, 0.0)
MODEL = PriorModel(0.4, fit={**NOTHING, "skill_match": 3.0}, interest={**NOTHING, "freshness": 0.7})
PERSON = a_person(preferences=asked(skills=("welding",)))


def some(name: str, *, pay: float | None, fits: bool, days: int, count: int = 4):
    return [
        a_job(
            f"{name}-{number}",
            title=f"Trade {name} {number}",
            employer=f"{name} {number}",
            occupation=f"{name} {number}",
            pay=pay,
            skills=("welding",) if fits else ("glazing",),
            posted_at=NOW - days * DAY,
        )
        for number in range(count)
    ]


def kinds_of(catalog, *, within: bool) -> list[str]:
    return [job.partition("-")[0] for job in shown(made_of(catalog, within=within))]


def made_of(catalog, *, within: bool):
    selector = Selector("jobs", "for-you", diversity=Diversity(0, 0, 0, at_most={}))
    return decided(PERSON, catalog, policy=Policy(selectors=(selector,), fit_within_pay=within), model=MODEL)


def test_fit_puts_nobody_s_well_paid_work_behind_what_pays_less():
    catalog = a_catalog(*some("poor", pay=30_000, fits=True, days=5), *some("rich", pay=100_000, fits=False, days=4))

    assert kinds_of(catalog, within=False) == ["poor"] * 4 + ["rich"] * 4
    assert kinds_of(catalog, within=True) == ["rich"] * 4 + ["poor"] * 4


@pytest.mark.parametrize("pay", [60_000, None])
def test_among_postings_of_the_same_pay_who_fits_comes_first(pay: float | None):
    others = some("rich", pay=100_000, fits=False, days=9)
    catalog = a_catalog(*some("unfit", pay=pay, fits=False, days=4), *some("fit", pay=pay, fits=True, days=5), *others)

    order = kinds_of(catalog, within=True)

    assert [kind for kind in order if kind != "rich"] == ["fit"] * 4 + ["unfit"] * 4


def test_the_score_that_is_told_and_logged_stays_the_models():
    catalog = a_catalog(*some("poor", pay=30_000, fits=True, days=5), *some("rich", pay=100_000, fits=False, days=4))

    within, without = (
        {item.id: item.score for item in chosen(made_of(catalog, within=each)).items} for each in (True, False)
    )

    assert within == without
