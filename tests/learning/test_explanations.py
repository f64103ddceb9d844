"""The reasons that a decision tells hold, by the prior and by a trained model: take away what one speaks of, and the score falls."""

import numpy as np
import pytest

from schemas.decision import Decision, Evidence
from schemas.logged import decode_logged
from schemas.topics import Topic
from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.policy import Policy
from scorers.reasons import REASON_OF
from scorers.trained import rows_of, usable_model
from tests.learning.site import Site

COLUMNS = {
    code: [FEATURE_NAMES.index(name) for name, of in REASON_OF.items() if of == code] for code in REASON_OF.values()
}


@pytest.fixture(params=["prior", "trained"])
def model(request, training):
    return PriorModel() if request.param == "prior" else usable_model(training.model)


@pytest.fixture
def decisions(model) -> list[tuple[Decision, Evidence]]:
    """What a site decided for its visitors by this model, as it lies in the log."""
    records = Site(people=60, seed=3, model=model).run(4).log.records(Topic.DECISIONS)
    logged = [decode_logged(record.value) for record in records if record.value]
    return [(each.decision, each.evidence) for each in logged if each is not None and each.evidence is not None]


def test_every_posting_that_a_page_shows_first_has_a_reason(decisions):
    explained = {selector.name: selector.explained for selector in Policy().selectors}
    shown = [
        item
        for decision, _ in decisions
        for choice in decision.choices
        if choice.kind == "RECS"
        for item in choice.items[: explained[choice.selector]]
    ]

    assert len(shown) > 1_000
    assert [item for item in shown if not item.reasons] == []


def test_without_what_a_reason_speaks_of_the_score_falls(decisions, model):
    told = held = 0
    for decision, evidence in decisions:
        matrix = rows_of(evidence.matrix, len(FEATURE_NAMES))
        row = {job: number for number, job in enumerate(evidence.considered)}
        for item in (item for choice in decision.choices if choice.kind == "RECS" for item in choice.items):
            for reason in item.reasons:
                if reason.code in COLUMNS:
                    with_it = matrix[[row[item.id]]]
                    without = with_it.copy()
                    without[:, COLUMNS[reason.code]] = 0.0
                    scores = model.score(np.concatenate([with_it, without]), FEATURE_NAMES).joined
                    told += 1
                    held += bool(scores[1] < scores[0]) == (reason.weight > 0)

    assert told > 1_000
    assert held >= 0.95 * told
