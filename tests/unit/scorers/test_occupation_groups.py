"""Interest in an occupation reaches the same work by other names, and the occupations beside it by SOC's groups."""

import numpy as np

from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.trends import Trends
from tests.unit.scorers.builders import NOW, a_catalog, a_job, a_person, a_query

NAMES = ("occupation_code_interest", "minor_group_interest", "major_group_interest")
CODES = {
    "same": "29-1141.00",
    "beside": "29-1171.00",
    "major": "29-2061.00",
    "other": "53-3052.00",
    "elsewhere": "2221",
}
SEEN = a_job("seen", occupation="Nurses", occupation_code="29-1141.00")


def interests(**facts):
    """Answer by posting what its code and groups say to somebody who looked at a nurse's posting."""
    jobs = [
        a_job(name, title=name, employer=name, occupation=name, occupation_code=code) for name, code in CODES.items()
    ]
    ((_, recall),) = decide(
        [a_query(a_person(viewed=["seen"], **facts))], catalog=a_catalog(SEEN, *jobs), policy=Policy(), model=PriorModel(),
        trends=Trends(), now=NOW,
    )  # fmt: skip
    evidence = recall()
    rows = np.frombuffer(evidence.matrix, "<f4").reshape(-1, len(FEATURE_NAMES))
    columns = [FEATURE_NAMES.index(name) for name in NAMES]
    return {job: (row[columns] > 0).tolist() for job, row in zip(evidence.considered, rows, strict=True)}


def test_the_same_occupation_under_another_name_counts_whole_and_its_neighbours_by_their_groups():
    found = interests()

    assert found["same"] == [True, True, True]
    assert found["beside"] == [False, True, True]
    assert found["major"] == [False, False, True]
    assert found["other"] == found["elsewhere"] == [False, False, False]


def test_who_says_that_an_occupation_is_guessed_wrongly_takes_it_out_of_its_groups():
    found = interests(corrections={"occupation": frozenset({"Nurses"})})

    assert not any(any(each) for each in found.values())
