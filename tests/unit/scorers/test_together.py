"""Session neighbours in a decision: proposed, scored, told by name, and scored again from the log as they were."""

import numpy as np

from schemas.logged import decode_logged, encode_logged
from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.overrides import Overrides
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.reasons import explain
from scorers.recompute import rescored
from scorers.sessions import Sessions
from scorers.trends import Trends
from tests.unit.scorers.builders import NOW, a_catalog, a_job, a_person, a_query, chosen, decided, score_of, shown

CROWDED = [a_job(f"j-{number}", posted_at=NOW - number) for number in range(400)]
FAR = a_job("far", town="Ulm", title="Head Gardener", employer="Parks", posted_at=NOW - 10**10)
SEEN = a_job("seen", title="Bus Driver", town="Berlin")


def others(*trails: list[str]) -> Sessions:
    sessions = Sessions()
    for number, trail in enumerate([*trails, *[[f"x-{n}", f"y-{n}"] for n in range(20)]]):
        sessions.put(f"s-{number}", trail)
    return sessions


def test_what_others_looked_at_beside_it_is_proposed_and_rises():
    catalog, person = a_catalog(*CROWDED, FAR, SEEN), a_person(viewed=["seen"])

    without = decided(person, catalog)
    made = decided(person, catalog, sessions=others(["seen", "far"], ["far", "seen"]))

    assert "far" not in without[1].considered
    assert "far" in shown(made)[:2]


def test_the_reason_names_the_posting_that_others_looked_at_as_well():
    made = decided(a_person(viewed=["seen"]), a_catalog(*CROWDED, FAR, SEEN), sessions=others(["seen", "far"]))

    item = next(item for item in chosen(made).items if item.id == "far")

    assert [explain(each) for each in item.reasons if each.code == "viewed_together"] == [
        "Others who looked at Bus Driver also looked at this"
    ]


def test_a_viewed_posting_that_left_the_catalogue_is_not_named():
    sessions = others(["gone", "far"])
    made = decided(a_person(viewed=["gone"]), a_catalog(*CROWDED, FAR, SEEN), sessions=sessions)

    item = next(item for item in chosen(made).items if item.id == "far")

    assert [each.detail for each in item.reasons if each.code == "viewed_together"] == [""]


def test_what_the_person_has_looked_at_gains_nothing_by_their_own_session():
    catalog, person = a_catalog(*CROWDED), a_person(viewed=["j-1", "j-2"])

    alone, beside_themselves = decided(person, catalog), decided(person, catalog, sessions=others(["j-2", "j-1"]))

    assert score_of(beside_themselves, "j-2") == score_of(alone, "j-2")


def test_a_decision_with_session_neighbours_scores_again_as_it_was_logged():
    ((decision, recall),) = decide(
        [a_query(a_person(viewed=["seen"]))], catalog=a_catalog(*CROWDED, FAR, SEEN), policy=Policy(),
        model=PriorModel(), trends=Trends(), now=NOW, sessions=others(["seen", "far"]),
    )  # fmt: skip
    logged = decode_logged(encode_logged(decision, recall()))

    assert logged is not None
    assert rescored(logged, lambda _name, share: PriorModel(share), Overrides()) == {
        item.id: item.score for choice in decision.choices for item in choice.items
    }


def test_the_prior_scores_what_was_logged_before_a_feature_came():
    catalog, person = a_catalog(*CROWDED), a_person(viewed=["j-1"])
    evidence = decided(person, catalog)[1]
    column = FEATURE_NAMES.index("viewed_together")
    fewer = tuple(name for name in FEATURE_NAMES if name != "viewed_together")
    matrix = np.frombuffer(evidence.matrix, "<f4").reshape(-1, len(FEATURE_NAMES))

    scores = PriorModel().score(matrix[:, [at for at in range(len(FEATURE_NAMES)) if at != column]], fewer).joined

    assert abs(scores - evidence.scores).max() < 1e-9
