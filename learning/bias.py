"""The bias audit: whether what was served served all groups alike, out of the log and a file of self-declared labels.

A row is a person, and everybody weighs the same. The measures:

- shown: of the lists that they asked for, the share in which there was a posting at all;
- recommended: the share that was made for this person, not a segment's or the site's;
- score above the median: whether the mean score of the postings they were recommended lies above the median of all people's;
- exposure to well-paid work: the share of attention, 1 / log2(place + 1), that postings of the best paid quarter had, over that share
  among all people who declared like skills: who is compared could be offered as much;
- recommended before wanted: of the applications after which an employer asked for an interview, the share that had been recommended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from learning.audited_people import AuditedPeople, read_people
from learning.groups import Labels
from learning.impact import LEAST_TOLD, UNKNOWN, Cell, Grouping, Measure, compare
from learning.log import Log
from learning.metrics import DEPTH
from learning.postings import Posting, high_pay, read_postings
from learning.served_lists import ServedLists, read_lists

SHOWN, RECOMMENDED, SCORED = "shown", "recommended", "score above the median"
EXPOSED, WANTED = "exposure to well-paid work", "recommended before wanted"
LEAST_EXPOSURE = 0.9
"""The least exposure against the most exposed group's, at like declared skills: 0.90 to 1.11, whichever of two is asked."""
LIKE_SKILLS = 10
"""Into so many parts people are divided by how much of the work that asks for their skills is well paid."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found, and in what. Times are milliseconds since the epoch."""

    cells: tuple[Cell, ...]
    since: int
    until: int
    lists: int
    people: int
    undeclared: Mapping[str, int]
    """By attribute, and for their intersection: how many declared nothing."""
    left_out: int
    """People who were erased or objected to profiling: nothing of them counts."""
    median: float
    models: Mapping[str, int]
    """How many lists each model made."""
    well_paid: int
    """How many postings are of the best paid quarter."""
    wanted: int

    @property
    def flagged(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.is_flagged)


def audit_bias(log: Log, labels: Labels, *, least_told: int = LEAST_TOLD) -> Audit:
    """Audit everything that lies in the log. Figures of groups of fewer than `least_told` people are left out."""
    people, postings = read_people(log), read_postings(log)
    served = read_lists(log, people.users)
    counted = np.array([not people.is_left_out(person) for person in served.people], np.bool_)
    groupings = [
        replace(each, values=each.values[counted]) for each in _of_persons(labels, people).groupings(served.people)
    ]
    scores = _mean_scores(served)
    median = float(np.median(scores[counted & np.isfinite(scores)])) if (counted & np.isfinite(scores)).any() else 0.0
    well_paid = high_pay(postings)
    measures = [
        *_given(served),
        Measure(SCORED, (scores > median).astype(np.float64), np.isfinite(scores).astype(np.float64)),
        _exposed(served, people, postings, well_paid),
        _before_wanted(served, people),
    ]
    kept = [replace(each, had=each.had[counted], of=each.of[counted]) for each in measures]
    lists = counted[served.person]
    return Audit(
        cells=compare(kept, groupings, least_told=least_told),
        since=int(served.at[lists].min()) if lists.any() else 0,
        until=int(served.at[lists].max()) if lists.any() else 0,
        lists=int(lists.sum()),
        people=int(counted.sum()),
        undeclared={each.attribute: _undeclared(each) for each in groupings},
        left_out=int((~counted).sum()),
        median=median,
        models=served.models,
        well_paid=len(well_paid),
        wanted=int(kept[-1].of.sum()),
    )


def _of_persons(labels: Labels, people: AuditedPeople) -> Labels:
    """Answer the labels by person: what somebody said as a user counts before what they said as a browser."""
    ordered = sorted(labels.of.items(), key=lambda pair: pair[0].startswith("u:"))
    return replace(labels, of={people.users.get(name, name): values for name, values in ordered})


def _undeclared(grouping: Grouping) -> int:
    return int((grouping.values == UNKNOWN).sum())


def _given(served: ServedLists) -> tuple[Measure, Measure]:
    """Answer what people got of what they asked for: a posting at all, and a list of their own."""
    asked = np.bincount(served.person, minlength=len(served.people))
    some = np.bincount(served.person, served.length > 0, len(served.people))
    own = np.bincount(served.person, served.personal, len(served.people))
    ones = np.ones(len(served.people))
    return Measure(SHOWN, some / asked, ones), Measure(RECOMMENDED, own / asked, ones)


def _mean_scores(served: ServedLists) -> Floats:
    """Answer each person's mean score of what was recommended to them, NaN where nothing was."""
    own = served.personal[served.number] > 0
    whose = served.person[served.number[own]]
    return _mean(served.score[own], whose, len(served.people))


def _exposed(
    served: ServedLists, people: AuditedPeople, postings: Mapping[str, Posting], well_paid: frozenset[str]
) -> Measure:
    """Answer how much of people's attention well-paid postings had, against people who declared like skills."""
    worth = (1.0 / np.log2(np.arange(2, DEPTH + 2)))[served.place]
    paid = np.array([job in well_paid for job in served.jobs], np.bool_)[served.job]
    seen = np.bincount(served.number, worth, len(served))
    some = seen > 0
    lists = np.bincount(served.number, worth * paid, len(served))[some] / seen[some]
    exposure = _mean(lists, served.person[some], len(served.people))
    alike = _like_skills(served, people, postings, well_paid)
    known = np.isfinite(exposure)
    usual = np.zeros(len(exposure))
    usual[known] = _mean(exposure[known], alike[known], int(alike.max(initial=0)) + 1)[alike[known]]
    return Measure(EXPOSED, np.where(known, exposure, 0.0), usual, least=LEAST_EXPOSURE)


def _like_skills(
    served: ServedLists, people: AuditedPeople, postings: Mapping[str, Posting], well_paid: frozenset[str]
) -> Ints:
    """Answer each person's part: 0 for who declared no skill that any posting asks for, else by what share of that work is well paid."""
    asks: dict[str, list[int]] = {}
    for name, posting in postings.items():
        for skill in set(posting.skills):
            counts = asks.setdefault(skill, [0, 0])
            counts[0] += name in well_paid
            counts[1] += 1
    pairs = np.array(
        [
            np.sum([asks.get(skill, (0, 0)) for skill in people.skills.get(person, ())] or [(0, 0)], axis=0)
            for person in served.people
        ],
        np.float64,
    ).reshape(-1, 2)
    declared = pairs[:, 1] > 0
    share = pairs[declared, 0] / pairs[declared, 1]
    parts = np.zeros(len(pairs), np.int64)
    if declared.any():
        edges = np.unique(np.quantile(share, np.arange(1, LIKE_SKILLS) / LIKE_SKILLS, method="lower"))
        parts[declared] = 1 + np.searchsorted(edges, share, side="left")
    return parts


def _before_wanted(served: ServedLists, people: AuditedPeople) -> Measure:
    """Answer how many of the applications that employers wanted had been recommended to who sent them."""
    person = {name: code for code, name in enumerate(served.people)}
    job = {name: code for code, name in enumerate(served.jobs)}
    wanted = {(person[who], job.get(name, -1), name): at for (who, name), at in people.wanted.items() if who in person}
    keys = np.array([who * len(job) + number for who, number, _ in wanted], np.int64)
    own = np.flatnonzero(served.personal[served.number] > 0)
    shown = served.person[served.number[own]].astype(np.int64) * len(job) + served.job[own]
    relevant = own[np.isin(shown, keys)]
    earliest: dict[tuple[int, int], int] = {}
    for row in relevant.tolist():
        number = served.number[row]
        key, at = (int(served.person[number]), int(served.job[row])), int(served.at[number])
        earliest[key] = min(earliest.get(key, at), at)
    had, of = np.zeros(len(person)), np.zeros(len(person))
    for (who, number, _), at in wanted.items():
        of[who] += 1
        had[who] += earliest.get((who, number), at + 1) <= at
    return Measure(WANTED, had, of, kind="difference")


def _mean(values: Floats, of: NDArray[np.integer], count: int) -> Floats:
    """Answer the mean of each part, NaN of empty ones."""
    sizes = np.bincount(of, minlength=count)
    with np.errstate(invalid="ignore"):
        means: Floats = np.bincount(of, values, count) / sizes
    return means
