"""What the people of a batch like, state and dislike, by facet: tables over the codes that concern anybody."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.columns import SLOTS
from catalog.dictionary import DIMENSIONS, NOTHING
from catalog.index import Catalog
from catalog.terms import terms
from profiles.candidate import Candidate, Search
from profiles.preferences import NO_PREFERENCES
from scorers.deeds import Deeds, Floats, Ints
from scorers.policy import DAY_MS, Interest

SEARCH_HALF_LIFE_DAYS = 7.0
SEARCHES_READ = 6
PRIVATE_DIMENSIONS = ("employer", "occupation", "category")
PRIVATE_SLOTS = [
    slot for dimension in PRIVATE_DIMENSIONS for slot in range(SLOTS[dimension].start, SLOTS[dimension].stop)
]
"""What a dismissal speaks about: this employer, this kind of work."""
_OCCUPATION = SLOTS["occupation"].start
_GROUP_SLOTS = [SLOTS[dimension].start for dimension in ("occupation_code", "minor_group", "major_group")]
_FILTERS = {
    "place": "place", "location": "place", "city": "place", "employer": "employer", "company": "employer",
    "category": "category", "department": "category", "occupation": "occupation", "workplace": "workplace",
    "employmenttype": "employment", "employment_type": "employment", "seniority": "seniority", "skill": "skill",
}  # fmt: skip
"""Which dimension a search filter of that name speaks about."""


LIKED, SEARCHED, STATED = range(3)
_IS_WORD = np.array([dimension in {"skill", "term"} for dimension in (*DIMENSIONS, "")])


@dataclass(frozen=True, slots=True)
class Taste:
    """Tables of people by local codes, flat. Local code 0 is everything that concerns nobody here, and always 0.

    `tables` has three: LIKED is the share of a person's (decayed) behaviour that had this value, below 1; SEARCHED the
    same for what was searched for; STATED is 1 for what was asked for in so many words. They are never mixed before the model weighs
    them. `weighed` are the same with words (skills and terms) times their rarity; so is `latest`, 1 for the words of the title viewed
    last. `disliked` saturates towards 1.
    """

    local: NDArray[np.int32]
    codes: Ints
    tables: NDArray[np.float32]
    weighed: NDArray[np.float32]
    speaks: tuple[bool, ...]
    """By table: whether it says anything of anybody."""
    latest: NDArray[np.float32]
    disliked: NDArray[np.float32]
    pay_log: Floats
    """Each person's mean of the logarithm of yearly pay, NaN when nothing is known."""
    evidence: Floats
    """Each person's weight of behaviour."""

    @property
    def width(self) -> int:
        return len(self.codes)

    def cells(self, people: Ints, codes: NDArray[np.integer]) -> Ints:
        """Answer where in the flat tables the codes stand; their last axis is that of `people`."""
        cells: Ints = self.local[codes].astype(np.int64)
        if len(self.evidence) > 1:  # one person's begin at 0
            cells += people * self.width
        return cells


def taste_of(candidates: Sequence[Candidate], deeds: Deeds, *, catalog: Catalog, interest: Interest, now: int) -> Taste:
    """Join deeds, searches and statements with what the postings are."""
    facets = catalog.columns.facets
    words = _searched(candidates, catalog, interest, now)
    said = _stated(candidates, catalog)
    last_person = np.flatnonzero([bool(rows) for rows in deeds.recent])
    last_row = np.array([rows[0] for rows in deeds.recent if rows], np.int64)
    wrong = corrected_codes(candidates, catalog)
    deed_codes, last_codes = facets[deeds.row], facets[last_row][:, SLOTS["term"]]
    if len(wrong):
        # Who says that an occupation is guessed wrongly is not guessed to like its groups either.
        mistaken = np.isin(deeds.person << 32 | deed_codes[:, _OCCUPATION], wrong[:, 0] << 32 | wrong[:, 1])
        deed_codes[np.ix_(mistaken, _GROUP_SLOTS)] = NOTHING
    dislike_codes = facets[deeds.disliked][:, PRIVATE_SLOTS]
    local, codes = _localised(len(catalog.dictionary), deed_codes, dislike_codes, words[1], said[1])
    people, width = len(candidates), len(codes)
    evidence = np.bincount(deeds.person, deeds.weight, people) + words[3]
    share = 1.0 / (interest.prior + evidence)
    tables = np.zeros((3, people * width), np.float32)
    latest, disliked = np.zeros((2, people * width), np.float32)
    if len(deeds.row):
        cells = local[deed_codes] + (deeds.person * width)[:, None]
        weight = (deeds.weight * share[deeds.person]).repeat(facets.shape[1])
        np.minimum(np.bincount(cells.ravel(), weight, people * width), 1.0, out=tables[LIKED], casting="same_kind")
        latest[(local[last_codes] + (last_person * width)[:, None]).ravel()] = 1.0
    if len(words[0]):
        _sum_into(tables[SEARCHED], local[words[1]] + words[0] * width, words[2] * share[words[0]])
        np.minimum(tables[SEARCHED], 1.0, out=tables[SEARCHED])
    if len(said[0]):
        tables[STATED, local[said[1]] + said[0] * width] = 1.0
    if len(deeds.disliked):
        _sum_into(
            disliked,
            (local[dislike_codes] + (deeds.disliker * width)[:, None]).ravel(),
            deeds.dislike.repeat(len(PRIVATE_SLOTS)),
        )
        disliked /= 1.0 + disliked
    if len(wrong):
        cells = local[wrong[:, 1]] + wrong[:, 0] * width
        tables[LIKED, cells] = tables[SEARCHED, cells] = latest[cells] = 0.0
    nobody = np.arange(people) * width
    tables[:, nobody] = latest[nobody] = disliked[nobody] = 0.0
    weights = np.where(_IS_WORD[catalog.dictionary.kinds[codes]], catalog.rarities()[codes], np.float32(1.0))
    latest = (latest.reshape(people, width) * weights).reshape(-1)
    return Taste(
        local=local,
        codes=codes,
        tables=tables,
        weighed=(tables.reshape(3, people, width) * weights).reshape(3, -1),
        speaks=tuple(bool(len(some)) for some in (deeds.row, words[0], said[0])),
        latest=latest,
        disliked=disliked,
        pay_log=_mean_pay(deeds, catalog, people),
        evidence=evidence,
    )


def _sum_into(table: NDArray[np.float32], cells: Ints, weights: Floats) -> None:
    """Add weights to few cells of a large table."""
    np.add.at(table, cells, weights.astype(np.float32))


def _localised(size: int, *codes: NDArray[np.integer]) -> tuple[NDArray[np.int32], Ints]:
    concerned = np.zeros(size, np.bool_)
    for some in codes:
        concerned[some] = True
    concerned[0] = True
    (found,) = concerned.nonzero()
    local = np.zeros(size, np.int32)
    local[found] = np.arange(len(found))
    return local, found


def _mean_pay(deeds: Deeds, catalog: Catalog, people: int) -> Floats:
    pay = catalog.columns.pay_log[deeds.row]
    (known,) = (pay == pay).nonzero()  # noqa: PLR0124  NaN: not known
    person, weight = deeds.person[known], deeds.weight[known]
    total = np.bincount(person, weight, people)
    summed = np.bincount(person, pay[known] * weight, people)
    mean: Floats = np.divide(summed, total, out=np.full(people, np.nan), where=total > 0)
    return mean


def _searched(
    candidates: Sequence[Candidate], catalog: Catalog, interest: Interest, now: int
) -> tuple[Ints, Ints, Floats, Floats]:
    """Answer (person, code, weight) for words and filters of late searches, and each person's weight of searches."""
    people: list[int] = []
    codes: list[int] = []
    weights: list[float] = []
    evidence = np.zeros(len(candidates))
    for person, candidate in enumerate(candidates):
        for search in candidate.searches[:SEARCHES_READ]:
            found, weight = codes_of_search(search, catalog), search_weight(search, now, interest)
            people.extend([person] * len(found))
            codes.extend(found)
            weights.extend([weight] * len(found))
            evidence[person] += weight  # found or not: what no posting ever said must not change what the rest is worth
    return np.array(people, np.int64), np.array(codes, np.int64), np.array(weights, np.float64), evidence


def search_weight(search: Search, now: int, interest: Interest) -> float:
    """Answer what each word of a search weighs by now."""
    weight: float = interest.searched * 0.5 ** (max(0, now - search.at) / (SEARCH_HALF_LIFE_DAYS * DAY_MS))
    return weight


def codes_of_search(search: Search, catalog: Catalog) -> list[int]:
    """Answer the codes that the words and filters of a search speak about."""
    dictionary = catalog.dictionary
    found = [code for term in terms(search.query) if (code := dictionary.find("term", term))]
    for dimension in ("skill", "occupation", "employer"):
        found.extend(dictionary.matching(dimension, search.query))
    for name, value in search.filters.items():
        named = _FILTERS.get(name.lower())
        if named:
            found.extend(dictionary.matching(named, value) or dictionary.matching("region", value))
    return list(dict.fromkeys(found))


def _stated(candidates: Sequence[Candidate], catalog: Catalog) -> tuple[Ints, Ints]:
    people: list[int] = []
    codes: list[int] = []
    for person, candidate in enumerate(candidates):
        if candidate.preferences is NO_PREFERENCES:
            continue
        found = stated_codes(candidate, catalog)
        people.extend([person] * len(found))
        codes.extend(found)
    return np.array(people, np.int64), np.array(codes, np.int64)


def corrected_codes(candidates: Sequence[Candidate], catalog: Catalog, of: Sequence[str] = DIMENSIONS) -> Ints:
    """Answer rows of person and code for what people said is guessed wrongly, in some dimensions."""
    find = catalog.dictionary.find
    rows = [
        (person, code)
        for person, candidate in enumerate(candidates)
        for dimension, values in candidate.corrections.items()
        if dimension in of
        for value in values
        if (code := find(dimension, value))
    ]
    return np.array(rows, np.int64).reshape(-1, 2)


def stated_codes(candidate: Candidate, catalog: Catalog) -> list[int]:
    """Answer the codes of everything a person asked for in so many words, as far as the catalogue has it."""
    wanted, match = candidate.preferences, catalog.dictionary.matching
    named = (
        ("occupation", wanted.occupations), ("category", wanted.categories), ("skill", wanted.skills),
        ("seniority", wanted.seniorities), ("employment", wanted.employment_types), ("workplace", wanted.workplaces),
        ("place", [place.label for place in wanted.places]),
    )  # fmt: skip
    found = [code for dimension, values in named for value in values for code in match(dimension, value)]
    # A stated occupation may be a title that no posting's taxonomy has: its words still say what is wanted.
    found.extend(
        code for value in wanted.occupations for term in terms(value) if (code := catalog.dictionary.find("term", term))
    )
    return list(dict.fromkeys(found))
