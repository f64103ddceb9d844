from dataclasses import replace

import pytest

from schemas.logged import LoggedDecision, decode_logged, encode_logged
from schemas.override import Override
from scorers.models import PriorModel
from scorers.overrides import Overrides
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.recompute import difference
from scorers.trends import Trends
from tests.unit.scorers.builders import NOW, a_catalog, a_job, a_person, a_query

BOOST = Override("ov-1", "boost", "j-3", "anna", "opening", NOW - 1, NOW + 1000, logits=1.5)


def logged(*overrides: Override) -> LoggedDecision:
    catalog = a_catalog(*[a_job(f"j-{number}") for number in range(12)])
    policy = Policy(overrides=Overrides(overrides))
    query = a_query(a_person(viewed=["j-1"]))
    ((decision, recall),) = decide(
        [query], catalog=catalog, policy=policy, model=PriorModel(), trends=Trends(), now=NOW
    )
    read = decode_logged(encode_logged(decision, recall()))
    assert read is not None
    return read


@pytest.mark.parametrize("overrides", [(), (BOOST,)], ids=["plain", "boosted"])
def test_a_logged_decision_scores_again_as_it_was_logged(overrides):
    assert difference(logged(*overrides), PriorModel(), Overrides(overrides)) is None


def test_an_override_that_has_ended_counts_for_the_decisions_of_its_time():
    ended = BOOST.removed(by="ben", at=NOW + 10)

    assert difference(logged(BOOST), PriorModel(), Overrides((ended,))) is None


def test_a_changed_score_another_model_and_a_lost_override_are_told():
    made = logged(BOOST)
    evidence = made.evidence
    assert evidence is not None
    changed = replace(made, evidence=replace(evidence, scores=(evidence.scores[0] + 1e-6, *evidence.scores[1:])))

    assert evidence.considered[0] in str(difference(changed, PriorModel(), Overrides((BOOST,))))
    assert difference(made, PriorModel(fit_share=0.9), Overrides((BOOST,))) is not None
    assert "overrides" in str(difference(made, PriorModel(), Overrides()))
