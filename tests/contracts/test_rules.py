"""What every rule promises. A new rule registers in RULES, and here what it refuses, and is under test at once."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from profiles.preferences import WantedPlace
from schemas.jobs import Job
from scorers.limits import NO_LIMITS, Limits, limits_from_json, limits_to_json
from scorers.policy import RuleOptions
from scorers.rules import RULES, Case, Rule, judge
from tests.unit.scorers.builders import NOW, a_catalog, a_job


@dataclass(frozen=True)
class Sample:
    """One posting that a rule refuses to somebody, and one that it does not."""

    limits: Limits
    refused: Job
    allowed: Job


SAMPLES = {
    "closed": Sample(NO_LIMITS, a_job("no", status="CLOSED"), a_job("yes")),
    "blocked": Sample(Limits(blocked=("no", "gone")), a_job("no"), a_job("yes")),
    "applied": Sample(Limits(applied=("no",)), a_job("no"), a_job("yes")),
    "dismissed": Sample(Limits(dismissed=("gone", "no")), a_job("no"), a_job("yes")),
    "must_haves": Sample(
        Limits(credentials=("licence:driver",)),
        a_job("no", must_haves=("licence:driver", "residency:de")),
        a_job("yes", must_haves=("Licence:Driver",)),
    ),
    "applicant_region": Sample(
        Limits(regions=("us",)), a_job("no", applicant_regions=("DE",)), a_job("yes", applicant_regions=("DE", "US"))
    ),
    "salary_band": Sample(
        Limits(salary_min=50_000, currency="EUR"), a_job("no", pay=49_999.0), a_job("yes", pay=50_000.0)
    ),
    "place": Sample(
        Limits(places=(WantedPlace("", 50.73, 7.10, 40.0),)), a_job("no", town="Berlin"), a_job("yes", town="Köln")
    ),
    "workplace": Sample(Limits(workplaces=("REMOTE",)), a_job("no"), a_job("yes", workplace="REMOTE")),
    "employment_type": Sample(
        Limits(employment_types=("PART_TIME",)), a_job("no"), a_job("yes", employment_types=("FULL_TIME", "PART_TIME"))
    ),
    "excluded_employer": Sample(Limits(employers_excluded=("ACME",)), a_job("no", employer="Acme"), a_job("yes")),
}


def test_every_rule_has_a_sample():
    assert set(SAMPLES) == {rule.name for rule in RULES}


def _case(limits: list[Limits], *jobs: Job, options: RuleOptions | None = None) -> Case:
    catalog = a_catalog(*jobs)
    rows = [catalog.row(job.id) for job in jobs]
    person = np.repeat(np.arange(len(limits)), len(rows))
    return Case(catalog, limits, person, np.array(rows * len(limits)), options or RuleOptions(), NOW)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
class TestEveryRule:
    def test_refuses_what_it_must_and_only_that(self, rule: Rule):
        sample = SAMPLES[rule.name]

        assert _refused(rule, _case([sample.limits], sample.refused, sample.allowed)) == [True, False]

    def test_judges_each_person_by_their_own_limits(self, rule: Rule):
        sample = SAMPLES[rule.name]
        case = _case([NO_LIMITS, sample.limits, NO_LIMITS], sample.refused, sample.allowed)

        found = _refused(rule, case)

        assert found[2:4] == [True, False]
        assert sample.limits is NO_LIMITS or found[:2] == found[4:] == [False, False]

    def test_answers_one_truth_a_row_for_no_rows_too(self, rule: Rule):
        case = replace(
            _case([SAMPLES[rule.name].limits], a_job()), person=np.zeros(0, np.int64), row=np.zeros(0, np.int64)
        )

        found = rule.objections(case)

        assert found is None or (found.dtype == np.bool_ and found.shape == (0,))

    def test_says_the_same_of_rows_in_another_order(self, rule: Rule):
        sample = SAMPLES[rule.name]
        case = _case([sample.limits], sample.allowed, sample.refused)

        assert _refused(rule, case) == [False, True]

    def test_says_the_same_once_the_limits_have_travelled(self, rule: Rule):
        sample = SAMPLES[rule.name]
        travelled = limits_from_json(limits_to_json(sample.limits))

        assert travelled == sample.limits
        assert _refused(rule, _case([travelled], sample.refused, sample.allowed)) == [True, False]

    def test_is_heard_by_the_judge_and_named(self, rule: Rule):
        sample = SAMPLES[rule.name]

        verdict, failed = judge(RULES, _case([sample.limits], sample.refused, sample.allowed))

        assert [RULES[number].name if number >= 0 else None for number in verdict] == [rule.name, None]
        assert failed == []

    def test_is_silent_when_the_policy_does_without_it(self, rule: Rule):
        sample = SAMPLES[rule.name]
        options = RuleOptions(off=(rule.name,))

        verdict, _ = judge(RULES, _case([sample.limits], sample.refused, options=options))

        assert verdict.tolist() == [-1]


def _refused(rule: Rule, case: Case) -> list[bool]:
    refused = rule.objections(case)
    return [False] * len(case) if refused is None else refused.tolist()


class _Broken:
    name = "broken"

    def objections(self, case: Case) -> np.ndarray:
        raise ZeroDivisionError(len(case))


def test_a_rule_that_cannot_be_checked_refuses_everything():
    verdict, failed = judge((_Broken(),), _case([NO_LIMITS], a_job("a"), a_job("b")))

    assert verdict.tolist() == [0, 0]
    assert failed == ["broken"]


@pytest.mark.parametrize(
    ("limits", "job", "options"),
    [
        (Limits(salary_min=1), a_job(), RuleOptions(unknown_pay="require")),
        (Limits(salary_min=1, currency="USD"), a_job(pay=90_000.0), RuleOptions(unknown_pay="require")),
        (NO_LIMITS, a_job(must_haves=("licence:nurse",)), RuleOptions(unknown_credentials="require")),
        (NO_LIMITS, a_job(applicant_regions=("DE",)), RuleOptions(unknown_region="require")),
    ],
)
def test_what_is_not_known_passes_unless_the_policy_requires_it(limits: Limits, job: Job, options: RuleOptions):
    assert judge(RULES, _case([limits], job))[0].tolist() == [-1]
    assert judge(RULES, _case([limits], job, options=options))[0].tolist() != [-1]


def test_more_demands_than_there_are_columns_cannot_be_checked_and_are_not_met():
    many = tuple(f"licence:{number}" for number in range(9))

    verdict, _ = judge(RULES, _case([Limits(credentials=many)], a_job(must_haves=many)))

    assert verdict.tolist() != [-1]
