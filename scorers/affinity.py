"""What behaviour says about one person, by facet and in words: for people to read, for segments, for explanations.

The same weights and decay as the tables that the pipeline makes for a whole batch (`scorers/taste.py`); a test holds
the two together. What was asked for in so many words stands in the preferences and is not mixed in here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import exp2, log2

from catalog.columns import SLOTS
from catalog.index import Catalog
from profiles.candidate import Candidate
from scorers.deeds import session_start
from scorers.policy import DAY_MS, Interest
from scorers.taste import PRIVATE_DIMENSIONS, SEARCHES_READ, codes_of_search, search_weight

DIMENSIONS = ("occupation", "skill", "employer", "place", "pay", "employment", "workplace", "category", "seniority")
VALUES_LIMIT = 20
LEAST = 0.005
_STANDARD = Interest()


def affinities(
    candidate: Candidate, catalog: Catalog, now: int, interest: Interest = _STANDARD
) -> Mapping[str, Mapping[str, float]]:
    """Answer for each of DIMENSIONS the strongest values, -1 to 1, the strongest first.

    1 is what all behaviour points at. A dimension is worked out when it is first asked for: segments ask for few.
    """
    return _Affinities(candidate, catalog, now, interest)


class _Affinities(Mapping[str, Mapping[str, float]]):
    """A reading of the catalogue as it is now: to be used at once."""

    __slots__ = (
        "_catalog", "_disliked", "_disliked_rows", "_found", "_liked", "_liked_rows", "_searched", "_share", "_wrong",
    )  # fmt: skip

    def __init__(self, candidate: Candidate, catalog: Catalog, now: int, interest: Interest) -> None:
        self._catalog = catalog
        self._wrong = candidate.corrections
        self._found: dict[str, Mapping[str, float]] = {}
        liked, disliked = _liked(candidate, catalog, now, interest), _disliked(candidate, catalog, now, interest)
        self._liked, self._disliked = list(liked.values()), list(disliked.values())
        facets = catalog.columns.facets
        self._liked_rows, self._disliked_rows = facets[list(liked)], facets[list(disliked)]
        searched = [
            (search_weight(search, now, interest), codes_of_search(search, catalog))
            for search in candidate.searches[:SEARCHES_READ]
        ]
        self._searched = _by_dimension(searched, catalog)
        self._share = 1.0 / (interest.prior + sum(self._liked) + sum(weight for weight, _ in searched))

    def __getitem__(self, dimension: str) -> Mapping[str, float]:
        found = self._found.get(dimension)
        if found is None:
            if dimension not in DIMENSIONS:
                raise KeyError(dimension)
            found = self._found[dimension] = self._of(dimension)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(DIMENSIONS)

    def __len__(self) -> int:
        return len(DIMENSIONS)

    def _of(self, dimension: str) -> Mapping[str, float]:
        slot, label = SLOTS[dimension], self._catalog.dictionary.label
        total: dict[int, float] = {}
        for weight, codes in zip(self._liked, self._liked_rows[:, slot].tolist(), strict=True):
            for code in codes:
                total[code] = total.get(code, 0.0) + weight
        for weight, code in self._searched.get(dimension, ()):
            total[code] = total.get(code, 0.0) + weight
        strengths = {code: weight * self._share for code, weight in total.items()}
        if self._disliked and dimension in PRIVATE_DIMENSIONS:
            disliked: dict[int, float] = {}
            for weight, codes in zip(self._disliked, self._disliked_rows[:, slot].tolist(), strict=True):
                for code in codes:
                    disliked[code] = disliked.get(code, 0.0) + weight
            for code, weight in disliked.items():
                strengths[code] = strengths.get(code, 0.0) - weight / (1.0 + weight)
        strengths.pop(0, None)
        told = [
            (-abs(strength), label(code), strength) for code, strength in strengths.items() if abs(strength) >= LEAST
        ]
        if wrong := self._wrong.get(dimension):
            told = [each for each in told if each[1] not in wrong]
        told.sort()
        return {value: round(strength, 4) for _, value, strength in told[:VALUES_LIMIT]}


def _by_dimension(
    searched: Iterable[tuple[float, Sequence[int]]], catalog: Catalog
) -> Mapping[str, list[tuple[float, int]]]:
    """Answer weight and code of what was searched for."""
    found: dict[str, list[tuple[float, int]]] = {}
    for weight, codes in searched:
        for code in codes:
            found.setdefault(catalog.dictionary.dimension(code), []).append((weight, code))
    return found


def _liked(candidate: Candidate, catalog: Catalog, now: int, interest: Interest) -> dict[int, float]:
    """Answer the weight of each row."""
    worth = {
        "viewed": interest.viewed,
        "shared": interest.shared,
        "started": interest.started,
        "submitted": interest.submitted,
    }
    began = session_start(candidate, now)
    find, half_life = catalog.known_rows.get, interest.half_life_days * DAY_MS
    total: dict[int, float] = {}
    for at, kind, job, dwell in candidate.interactions[: interest.deeds]:
        weight = interest.read * log2(1 + dwell / 10_000) if kind == "read" else worth.get(kind)
        if weight is not None and (row := find(job)) is not None:
            boost = interest.session_boost if at >= began else 1.0
            total[row] = total.get(row, 0.0) + weight * boost * exp2(-max(0, now - at) / half_life)
    for weight, marks in ((interest.saved, candidate.saved), (interest.liked, candidate.liked)):
        for job, at in marks.items():
            if (row := find(job)) is not None:
                boost = interest.session_boost if at >= began else 1.0
                total[row] = total.get(row, 0.0) + weight * boost * exp2(-max(0, now - at) / half_life)
    return total


def _disliked(candidate: Candidate, catalog: Catalog, now: int, interest: Interest) -> dict[int, float]:
    find, half_life = catalog.known_rows.get, interest.dislike_half_life_days * DAY_MS
    return {
        row: exp2(-max(0, now - at) / half_life)
        for job, (at, _) in candidate.dismissed.items()
        if (row := find(job)) is not None
    }
