"""A trained model decides only when it is whole, made for these features, and answers as it did when it was trained."""

from dataclasses import replace

import numpy as np
import pytest

from schemas.denylist import denied_features
from schemas.logged import decode_logged, encode_logged
from schemas.trained import (
    PRIOR,
    HeadRecord,
    MalformedModel,
    Probe,
    Promotion,
    Standing,
    TrainedModel,
    decode_model,
    decode_standing,
    encode_model,
    encode_standing,
)
from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.shadow import shadowed
from scorers.trained import UnusableModel, rows_of, unchecked_model, usable_model
from tests.unit.scorers.builders import a_catalog, a_job, a_person, decided
from tests.unit.scorers.trees import break_lightgbm, grown

# Column by column in memory, as serving makes them.
ROWS = np.asfortranarray(np.random.default_rng(7).random((200, len(FEATURE_NAMES))).astype("<f4"))


def a_model(**members) -> TrainedModel:
    weights = tuple(np.linspace(-1, 2, len(FEATURE_NAMES)).tolist())
    given = {
        "features": FEATURE_NAMES,
        "fit": HeadRecord(weights, -1.0, 0.7, grown(seed=1)),
        "interest": HeadRecord(weights[::-1], -3.0, 1.2, grown(seed=2)),
        "fit_share": 0.4,
        "trained_at": 1_763_900_000_000,
    }
    model = TrainedModel(**{**given, "probe": Probe(b"", ()), **members})
    if "probe" in members or model.features != FEATURE_NAMES:
        return model
    joined = unchecked_model(model).score(ROWS[:20], FEATURE_NAMES).joined
    return replace(model, probe=Probe(ROWS[:20].tobytes(), tuple(joined.tolist())))


def test_a_model_survives_its_record():
    model = a_model()

    assert decode_model(model.name, encode_model(model)) == model
    assert usable_model(model).name == model.name


def test_a_row_gets_the_same_score_in_any_company():
    model = usable_model(a_model())
    together = model.score(ROWS, FEATURE_NAMES).joined

    assert [model.score(ROWS[[row]], FEATURE_NAMES).joined[0] for row in range(len(ROWS))] == together.tolist()


def test_contributions_sum_up_to_the_joined_logit():
    model = usable_model(a_model())

    summed = model.contributions(ROWS, FEATURE_NAMES).sum(axis=1)

    assert np.abs(summed - model.score(ROWS, FEATURE_NAMES).joined).max() < 1e-9


@pytest.mark.parametrize("damage", [b"", b"no gzip", encode_model(a_model())[:-40], encode_model(a_model())[:60]])
def test_a_damaged_record_is_refused(damage):
    with pytest.raises(MalformedModel, match="is damaged"):
        decode_model(a_model().name, damage)


def test_a_record_under_another_models_name_is_refused():
    other = a_model(fit_share=0.5)

    with pytest.raises(MalformedModel, match="holds"):
        decode_model(a_model().name, encode_model(other))


def test_a_model_made_for_other_features_is_refused_by_their_names():
    model = a_model(features=(*FEATURE_NAMES[:-1], "commute_minutes"))

    with pytest.raises(UnusableModel, match="commute_minutes, must_have_unconfirmed"):
        usable_model(model)


def test_a_model_that_answers_otherwise_than_when_it_was_trained_is_refused():
    model = a_model()
    probe = Probe(model.probe.rows, tuple(value + 1e-6 for value in model.probe.joined))

    with pytest.raises(UnusableModel, match="answers otherwise"):
        usable_model(replace(model, probe=probe))


def test_trees_that_cannot_be_read_are_refused():
    with pytest.raises(UnusableModel):
        unchecked_model(
            a_model(fit=HeadRecord((0.0,) * len(FEATURE_NAMES), 0.0, 1.0, "tree\nno trees"), probe=Probe(b"", ()))
        )


def test_where_lightgbm_does_not_load_a_model_is_refused_and_what_is_missing_is_said(monkeypatch):
    model = a_model()
    break_lightgbm(monkeypatch)

    with pytest.raises(UnusableModel, match="libgomp1"):
        usable_model(model)


@pytest.mark.parametrize(
    "name",
    ["zip_match", "age", "birth_date", "home_postal_code", "first_name", "gender_fit", "ethnicity", "photo_score"],
)
def test_a_feature_that_is_or_stands_for_a_protected_attribute_is_denied(name):
    assert denied_features([name, "skill_match"]) == [name]


def test_no_feature_is_or_stands_for_a_protected_attribute():
    assert denied_features(FEATURE_NAMES) == []


def test_a_standing_survives_its_record_and_remembers_what_decided_before():
    standing = (
        Standing().promoted(Promotion("m-1", 1, "ann", "better")).promoted(Promotion("m-2", 2, "ann", "better yet"))
    )

    assert decode_standing(encode_standing(standing)) == standing
    assert standing.earlier == ("m-1", PRIOR)


def test_a_promoted_challenger_is_no_challenger_any_more():
    assert Standing(challenger="m-1").promoted(Promotion("m-1", 1, "ann", "won")).challenger is None


def test_the_prior_needs_no_record():
    assert PriorModel().name == PRIOR


def test_a_challenger_scores_the_rows_that_decided_and_is_read_back_from_the_log():
    decision, evidence = decided(
        a_person(viewed=["j-1"]), a_catalog(a_job("j-1"), a_job("j-2", title="Cook"), a_job("j-3"))
    )
    challenger = usable_model(a_model())

    read = decode_logged(encode_logged(decision, shadowed(evidence, challenger)))

    assert read is not None
    assert read.evidence is not None
    assert read.evidence.shadow is not None
    rows = rows_of(evidence.matrix, len(FEATURE_NAMES))
    assert read.evidence.shadow.model == challenger.name
    assert read.evidence.shadow.scores == tuple(challenger.score(rows, FEATURE_NAMES).joined.tolist())
    assert read.evidence.scores == evidence.scores
    assert shadowed(evidence, None) is evidence
