"""A model is judged before it decides: the gate says what is missing, the report tells it, the card travels with the model."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from learning.assessing import Question, assess
from learning.card import card_of, importance
from learning.evidence import read_evidence
from learning.gate import LEAST_LISTS, verdict
from learning.groups import Labels
from learning.metrics import Figure
from learning.plots import draw
from learning.proxies import Proxy, find_proxies
from learning.report import write_report
from schemas.trained import decode_model, encode_model
from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.trained import usable_model


@pytest.fixture(scope="module")
def question(training):
    model, prior = usable_model(training.model), PriorModel()
    return Question(model, prior, prior, training.split.test_from, training.interest.places, without_groups=True)


@pytest.fixture(scope="module")
def assessment(site, joined, question):
    return assess(site.log, joined, question)


QUICK = {100: 0.1, 1000: 1.0}


def test_scores_that_were_served_are_those_of_the_logged_features(assessment):
    assert assessment.skew < 1e-9


def test_the_gate_lets_a_model_pass_that_is_better_fair_and_quick(assessment):
    judgement = replace(assessment.judgement, gain=Figure(0.05, 0.01, 0.09), lists=LEAST_LISTS)

    assert verdict(judgement, [], QUICK).passed


@pytest.mark.parametrize(
    ("members", "groups", "speed", "objection"),
    [
        ({"gain": Figure(0.05, -0.01, 0.11)}, [], QUICK, "does not beat the incumbent"),
        ({"gain": Figure(float("nan"), float("nan"), float("nan"))}, [], QUICK, "does not beat the incumbent"),
        ({"lists": LEAST_LISTS - 1}, [], QUICK, "99 answered lists"),
        ({}, None, QUICK, "groups were not compared"),
        ({}, [], {100: 0.1, 1000: 9.0}, "scores 1000 rows in 9.00 ms"),
    ],
)
def test_the_gate_says_what_is_missing(assessment, members, groups, speed, objection):
    good = {"gain": Figure(0.05, 0.01, 0.09), "lists": LEAST_LISTS}
    judgement = replace(assessment.judgement, **{**good, **members})

    (said,) = verdict(judgement, groups, speed).objections

    assert objection in said


def test_a_group_whose_scores_are_held_down_is_found_and_named(site, joined, question):
    people = sorted({shown.person for shown in joined.examples.lists})
    fair = Labels(("sex",), {person: ("f" if number % 2 else "m",) for number, person in enumerate(people)})
    decisions = assess(site.log, joined, replace(question, labels=fair, without_groups=False))
    # The lower half by score is one group: nothing could be served less alike.
    means = _mean_scores(site, question.model)
    edge = float(np.median(list(means.values())))
    split = Labels(("sex",), {person: ("f" if means[person] < edge else "m",) for person in people})
    unfair = assess(site.log, joined, replace(question, labels=split, without_groups=False))

    assert {group.value for group in decisions.groups or ()} >= {"f", "m"}
    assert any("'f' is served less" in objection for objection in unfair.verdict.objections)


def test_a_group_that_the_features_give_away_is_found_and_one_that_they_do_not_is_not(site, question):
    seen = list(read_evidence(site.log, lambda _: True))[-len(site.people) :]
    skilled = {person.id: ("s" if person.skilled else "n",) for person in site.people}
    drawn = Random(1)
    chance = {person.id: (drawn.choice("sn"),) for person in site.people}

    given_away, kept = (
        find_proxies(seen, model=question.model, labels=Labels(("skills",), of)) for of in (skilled, chance)
    )
    assert [proxy.gives_away for proxy in given_away if proxy.inputs == "features"] == [True]
    assert not any(proxy.gives_away for proxy in kept)


def test_the_gate_refuses_a_model_whose_inputs_give_a_group_away(assessment):
    judgement = replace(assessment.judgement, gain=Figure(0.05, 0.01, 0.09), lists=LEAST_LISTS)
    telling = Proxy("sex", "f", 80, "features", Figure(0.71, 0.63, 0.79), 0.001)

    by_chance, little = replace(telling, chance=0.06), replace(telling, auc=Figure(0.6, 0.51, 0.7))
    (said,) = verdict(judgement, [], QUICK, [telling, by_chance, little]).objections

    assert said == "sex 'f' can be told by its features: AUC 0.710 (0.630 to 0.790); 0.6 is the most"


def _mean_scores(site, model):
    scores: dict[str, list[float]] = {}
    for seen in read_evidence(site.log, lambda _: True):
        best = np.sort(model.score(seen.matrix, FEATURE_NAMES).joined)[-10:]
        scores.setdefault(seen.candidate_id, []).append(float(best.mean()))
    return {person: np.mean(each[-2:]) for person, each in scores.items()}


def test_the_report_tells_the_figures_and_shows_its_pictures(training, joined, assessment, tmp_path):
    card = card_of(training, joined, assessment, by="ann")
    pictures = draw(assessment.judgement, card["places"], importance(usable_model(training.model), joined), tmp_path)

    page = write_report("model-1", card, pictures, tmp_path).read_text()

    assert pictures == ["ranking.png", "calibration.png", "places.png", "features.png"]
    assert all((tmp_path / picture).stat().st_size > 5_000 for picture in pictures)
    assert all(f"({picture})" in page for picture in pictures)
    for word in (
        "nDCG@10",
        "MAP",
        "MRR",
        "coverage",
        "diversity",
        "novelty",
        "calibration error",
        "popularity",
        "as served",
    ):
        assert word in page


def test_the_card_travels_with_the_model(training, joined, assessment):
    model = replace(training.model, card=card_of(training, joined, assessment, by="ann"))

    card = decode_model(model.name, encode_model(model)).card

    assert card["notFor"]
    assert card["data"]["testFrom"] == training.split.test_from
    assert model.name == training.model.name
