from dataclasses import replace

import pytest

from catalog.sample import sample_content
from profiles.facts import ContentTouch
from schemas.decision import Choice
from schemas.logged import LoggedDecision, decode_logged, encode_logged
from schemas.override import Override
from scorers.models import Model, PriorModel
from scorers.overrides import Overrides
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.recompute import Differs, Unfounded, rescored
from scorers.trained import usable_model
from scorers.trends import Trends
from tests.unit.scorers.builders import NOW, a_catalog, a_job, a_person, a_query
from tests.unit.scorers.test_trained import a_model

BOOST = Override("ov-1", "boost", "j-3", "anna", "opening", NOW - 1, NOW + 1000, logits=1.5)
RAISED = Override("ov-2", "boost", "event-open-questions", "anna", "opening", NOW - 1, NOW + 1000, logits=2.5)
PRIOR, TRAINED = PriorModel(), usable_model(a_model())


def logged(*overrides: Override, model: Model = PRIOR) -> LoggedDecision:
    catalog = a_catalog(*[a_job(f"j-{number}") for number in range(12)])
    for content in sample_content(NOW):
        catalog.apply_content(content.id, content)
    policy = Policy(overrides=Overrides(overrides))
    person = replace(a_person(viewed=["j-1"]), content={"event-open-questions": ContentTouch("viewed", NOW - 5, 3)})
    ((decision, recall),) = decide(
        [a_query(person)], catalog=catalog, policy=policy, model=model, trends=Trends(), now=NOW
    )
    read = decode_logged(encode_logged(decision, recall()))
    assert read is not None
    return read


def of(*models: Model):
    known = {model.name: model for model in models}
    return lambda name, _share: known.get(name)


def scores_of(made: LoggedDecision) -> dict[str, float]:
    return {item.id: item.score for choice in made.decision.choices for item in choice.items}


@pytest.mark.parametrize("model", [PRIOR, TRAINED], ids=["prior", "trained"])
@pytest.mark.parametrize("overrides", [(), (BOOST, RAISED)], ids=["plain", "boosted"])
def test_a_logged_decision_scores_again_as_it_was_logged(overrides, model):
    made = logged(*overrides, model=model)
    scores = rescored(made, of(model), Overrides(overrides))

    assert scores == scores_of(made)
    assert {choice.kind for choice in made.decision.choices if choice.items} == {"RECS", "CONTENT"}


def test_an_override_that_has_ended_counts_for_the_decisions_of_its_time():
    ended = BOOST.removed(by="ben", at=NOW + 10)

    assert rescored(logged(BOOST), of(PRIOR), Overrides((ended,)))


def test_a_process_may_not_yet_know_of_an_override_that_was_just_made_or_ended():
    just, gone = replace(BOOST, at=NOW - 300), BOOST.removed(by="ben", at=NOW - 300)

    assert rescored(logged(), of(PRIOR), Overrides((just,)))
    assert rescored(logged(replace(BOOST, at=NOW - 900)), of(PRIOR), Overrides((replace(gone, at=NOW - 900),)))


def test_a_changed_score_another_share_and_a_lost_override_are_told():
    made = logged(BOOST)
    evidence = made.evidence
    assert evidence is not None
    assert evidence.contents is not None
    with pytest.raises(Differs, match=evidence.considered[0]):
        rescored(with_evidence(made, scores=(evidence.scores[0] + 1e-6, *evidence.scores[1:])), of(PRIOR), ONE)
    contents = replace(evidence.contents, scores=tuple(score + 1e-6 for score in evidence.contents.scores))
    with pytest.raises(Differs):
        rescored(with_evidence(made, contents=contents), of(PRIOR), ONE)
    with pytest.raises(Differs):
        rescored(made, of(PriorModel(fit_share=0.9)), ONE)
    with pytest.raises(Differs, match="overrides"):
        rescored(made, of(PRIOR), Overrides())


def test_a_choice_that_says_another_score_than_its_logit_makes_is_told():
    made = logged()
    (first, *rest), *_ = [choice.items for choice in made.decision.choices]
    forged = Choice("jobs", "RECS", (first._replace(score=first.score + 0.001), *rest))

    with pytest.raises(Differs, match=first.id):
        rescored(replace(made, decision=replace(made.decision, choices=(forged,))), of(PRIOR), Overrides())


def test_a_model_that_scored_somebody_who_refused_it_is_told():
    made = logged(model=TRAINED)
    assert made.evidence is not None

    with pytest.raises(Differs, match="ai_scoring"):
        rescored(with_evidence(made, consents={"ai_scoring": False}), of(TRAINED), Overrides())


def test_what_cannot_be_scored_again_is_told_apart():
    made = logged()
    with pytest.raises(Unfounded, match="prior-2"):
        rescored(made, of(), Overrides())
    with pytest.raises(Unfounded, match="without"):
        rescored(replace(made, evidence=None), of(PRIOR), Overrides())


def with_evidence(made: LoggedDecision, **members) -> LoggedDecision:
    assert made.evidence is not None
    return replace(made, evidence=replace(made.evidence, **members))


ONE = Overrides((BOOST,))
