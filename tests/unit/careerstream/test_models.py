"""Which model decides: the promoted one where it can be used, else the one before it, else the prior."""

import pytest
from structlog.testing import capture_logs

from careerstream.models.registry import RECORDS_LIMIT, Registry, Serving
from schemas.trained import PRIOR, STANDING, Promotion, Standing, encode_model, encode_standing
from scorers.features import FEATURE_NAMES
from tests.unit.scorers.test_trained import ROWS, a_model

FIRST, SECOND = a_model(trained_at=1), a_model(trained_at=2)


def standing(*names: str, challenger: str | None = None) -> Standing:
    """Answer the standing after these were promoted, the last one latest."""
    now = Standing(challenger=challenger)
    for at, name in enumerate(names):
        now = now.promoted(Promotion(name, at, "ann", "better"))
    return now


def records(*models):
    return {model.name: encode_model(model) for model in models}


def a_registry(standing: Standing, records=()) -> Registry:
    return Registry(dict(records), standing)


@pytest.fixture
def serving():
    return Serving(0.3)


def test_without_a_standing_the_prior_decides(serving):
    chosen = serving.chosen(Registry())

    assert (chosen.champion.name, chosen.challenger, chosen.problem) == (PRIOR, None, None)


def test_the_promoted_model_decides_by_the_policys_reciprocity(serving):
    chosen = serving.chosen(a_registry(standing(FIRST.name), records(FIRST)))

    opinion = chosen.champion.score(ROWS[:5], FEATURE_NAMES)
    assert chosen.champion.name == FIRST.name
    assert opinion.joined == pytest.approx(0.3 * opinion.fit + 0.7 * opinion.interest)


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (b"no model", "is damaged"),
        (None, "there is no model"),
        (encode_model(a_model(features=(*FEATURE_NAMES[1:], "elsewhere"))), "holds"),
    ],
)
def test_where_the_promoted_model_cannot_be_used_the_one_before_it_decides_and_says_why(serving, broken, problem):
    lying = records(FIRST) | ({SECOND.name: broken} if broken is not None else {})

    chosen = serving.chosen(a_registry(standing(FIRST.name, SECOND.name), lying))

    assert chosen.champion.name == FIRST.name
    assert problem in (chosen.problem or "")


def test_where_no_model_can_be_used_the_prior_decides(serving):
    chosen = serving.chosen(a_registry(standing(FIRST.name, SECOND.name), {SECOND.name: b"", FIRST.name: b""}))

    assert chosen.champion.name == PRIOR


def test_a_model_for_other_features_is_not_used(serving):
    other = a_model(features=(*FEATURE_NAMES[1:], "elsewhere"))

    chosen = serving.chosen(a_registry(standing(other.name), records(other)))

    assert chosen.champion.name == PRIOR
    assert "elsewhere" in (chosen.problem or "")


def test_a_model_that_would_be_in_every_answers_way_is_not_used(serving, monkeypatch):
    monkeypatch.setattr("careerstream.models.registry.SLOWEST_MS", 0.0)

    chosen = serving.chosen(a_registry(standing(FIRST.name), records(FIRST)))

    assert chosen.champion.name == PRIOR
    assert f"{FIRST.name} is slow: 100 rows take" in (chosen.problem or "")


def test_a_challenger_that_cannot_be_used_leaves_the_champion_deciding(serving):
    with capture_logs() as told:
        chosen = serving.chosen(a_registry(standing(FIRST.name, challenger="model-x"), records(FIRST)))

    assert (chosen.champion.name, chosen.challenger, chosen.problem) == (FIRST.name, None, None)
    assert told == [{"event": "challenger_not_usable", "log_level": "warning", "problem": "there is no model model-x"}]


def test_a_standing_that_cannot_be_read_leaves_the_last_one_in_force_and_says_why_until_one_can_be(serving):
    registry = a_registry(Standing(), records(FIRST, SECOND))
    registry.apply(STANDING.encode(), encode_standing(standing(FIRST.name)))
    registry.apply(STANDING.encode(), b"{}")

    chosen = serving.chosen(registry)
    assert chosen.champion.name == FIRST.name
    assert "the standing is damaged" in (chosen.problem or "")
    registry.apply(STANDING.encode(), encode_standing(standing(FIRST.name, SECOND.name)))
    chosen = serving.chosen(registry)
    assert (chosen.champion.name, chosen.problem) == (SECOND.name, None)


def test_however_many_promoted_in_a_row_cannot_be_used_the_last_that_can_be_decides_in_a_new_process_too(serving):
    registry = a_registry(standing(FIRST.name, "lost-1", "lost-2", "lost-3"), records(FIRST))

    assert serving.chosen(registry).champion.name == FIRST.name
    assert Serving(0.3).chosen(registry).champion.name == FIRST.name


def test_a_null_takes_a_model_out():
    registry = Registry()
    registry.apply(FIRST.name.encode(), encode_model(FIRST))
    registry.apply(FIRST.name.encode(), None)

    assert registry.records == {}


def test_the_oldest_models_go_unless_somebody_may_still_want_them_back():
    names = [f"model-{number}" for number in range(RECORDS_LIMIT + 2)]
    registry = Registry(dict.fromkeys(names, b""), standing("model-0", "model-5", challenger="model-1"))

    assert registry.superfluous() == ["model-2", "model-3", "model-4"]
