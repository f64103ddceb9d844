"""What somebody looked at draws towards what means the same without a word in common; what they dismissed pushes away."""

from random import Random

import numpy as np

from profiles.candidate import Interaction
from schemas.logged import decode_logged, encode_logged
from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.overrides import Overrides
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.recompute import rescored
from scorers.trends import Trends
from tests.unit.scorers.builders import DAY, HOUR, NOW, a_catalog, a_job, a_person, a_query, decided

DOCTOR = a_job("doctor", title="Physician", employer="A", occupation=None)
SURGEON = a_job("surgeon", title="Doctor", employer="B", occupation=None)
TRUCKER = a_job("trucker", title="Truck Driver", employer="C", occupation=None)
COURIER = a_job("courier", title="Delivery Chauffeur", employer="D", occupation=None)
PAEDIATRICIAN = a_job("paediatrician", title="Doctor", employer="E", occupation=None)
JOBS = [DOCTOR, SURGEON, TRUCKER, COURIER]


def meaning(made, job):
    _, evidence = made
    matrix = np.frombuffer(evidence.matrix, "<f4").reshape(-1, len(FEATURE_NAMES))
    return float(matrix[evidence.considered.index(job), FEATURE_NAMES.index("meaning_interest")])


def test_what_means_the_same_as_the_viewed_is_nearer_without_a_word_in_common():
    made = decided(a_person(viewed=["doctor"]), a_catalog(*JOBS))

    assert meaning(made, "surgeon") > meaning(made, "courier") + 0.2


def test_what_means_the_same_as_the_dismissed_is_pushed_away():
    made = decided(a_person(dismissed=["doctor"]), a_catalog(*JOBS))

    assert meaning(made, "surgeon") < meaning(made, "courier") - 0.2


def test_a_dismissal_is_taken_from_what_was_looked_at():
    looked = decided(a_person(viewed=["doctor"]), a_catalog(*JOBS))
    both = decided(a_person(viewed=["doctor"], dismissed=["surgeon"]), a_catalog(*JOBS, PAEDIATRICIAN))

    assert meaning(both, "paediatrician") < meaning(looked, "surgeon")


def test_what_was_looked_at_lately_counts_more_than_long_ago():
    deeds = [Interaction(NOW - HOUR, "viewed", "doctor"), Interaction(NOW - 60 * DAY, "viewed", "trucker")]
    turned = [Interaction(NOW - HOUR, "viewed", "trucker"), Interaction(NOW - 60 * DAY, "viewed", "doctor")]
    catalog = a_catalog(*JOBS)

    lately, formerly = decided(a_person(interactions=deeds), catalog), decided(a_person(interactions=turned), catalog)

    assert meaning(lately, "surgeon") > meaning(formerly, "surgeon")


def test_who_did_nothing_has_no_interest_vector():
    made = decided(a_person(), a_catalog(*JOBS))

    assert {meaning(made, job.id) for job in JOBS} == {0.0}


def test_a_posting_that_left_the_catalogue_still_says_what_was_looked_for():
    catalog = a_catalog(*JOBS)
    catalog.apply_job("doctor", None)

    assert meaning(decided(a_person(viewed=["doctor"]), catalog), "surgeon") > 0.2


def test_a_kind_of_work_called_wrongly_guessed_says_nothing_any_more():
    corrected = a_person(viewed=["doctor", "trucker"], corrections={"term": frozenset({"physician"})})
    catalog = a_catalog(*JOBS)

    assert meaning(decided(corrected, catalog), "surgeon") == meaning(
        decided(a_person(viewed=["trucker"]), catalog), "surgeon"
    )


def test_neither_company_nor_the_order_of_deeds_changes_a_digit():
    chance, catalog = Random(3), a_catalog(*JOBS)
    deeds = [Interaction(NOW - chance.randint(0, 30 * DAY), "viewed", chance.choice(JOBS).id) for _ in range(30)]
    people = [
        a_person("a:p-1", interactions=deeds),
        a_person("a:p-2", viewed=["doctor"]),
        a_person("a:p-3", interactions=deeds[::-1]),
    ]

    alone = decided(people[0], catalog)
    together = decide(
        [a_query(person) for person in people],
        catalog=catalog, policy=Policy(), model=PriorModel(), trends=Trends(), now=NOW,
    )  # fmt: skip

    assert together[0][1]().matrix == alone[1].matrix
    column = FEATURE_NAMES.index("meaning_interest")
    ours, theirs = (
        np.frombuffer(together[at][1]().matrix, "<f4").reshape(-1, len(FEATURE_NAMES))[:, column] for at in (0, 2)
    )
    assert sorted(ours) == sorted(theirs)


def test_a_decision_by_interest_vectors_scores_again_as_it_was_logged():
    ((decision, recall),) = decide(
        [a_query(a_person(viewed=["doctor"], dismissed=["trucker"]))],
        catalog=a_catalog(*JOBS), policy=Policy(), model=PriorModel(), trends=Trends(), now=NOW,
    )  # fmt: skip
    logged = decode_logged(encode_logged(decision, recall()))

    assert logged is not None
    assert rescored(logged, lambda _name, share: PriorModel(share), Overrides())
