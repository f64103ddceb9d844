"""What behaviour says about one person, by facet and in words: for people to read, for segments, for explanations.

The same weights and decay as the tables that the pipeline makes for a whole batch (`scorers/taste.py`); a test holds
the two together. What was asked for in so many words stands in the preferences and is not mixed in here.
"""

from collections.abc import Iterable, Iterator, Mapping
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
        "_catalog", "_disliked", "_disliked_rows", "_evidence", "_found", "_liked", "_liked_rows", "_prior", "_searched", "_wrong",
    )  # fmt: skip

    def __init__(self, candidate: Candidate, catalog: Catalog, now: int, interest: Interest) -> None:
        self._catalog = catalog
        self._wrong = candidate.corrections
        self._found: dict[str, Mapping[str, float]] = {}
        liked = list(_liked(candidate, catalog, now, interest))
        disliked = list(_disliked(candidate, catalog, now, interest))
        self._liked = [weight for weight, _ in liked]
        self._disliked = [weight for weight, _ in disliked]
        self._liked_rows = catalog.columns.facets[[row for _, row in liked]]
        self._disliked_rows = catalog.columns.facets[[row for _, row in disliked]]
        self._searched = [
            (search_weight(search, now, interest), codes_of_search(search, catalog))
            for search in candidate.searches[:SEARCHES_READ]
        ]
        searched = sum(weight for weight, _ in self._searched)
        self._prior = interest.prior
        self._evidence = sum(self._liked) + searched

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
        share = 1.0 / (self._prior + self._evidence)
        slot, dictionary = SLOTS[dimension], self._catalog.dictionary
        liked = _summed(
            zip([weight * share for weight in self._liked], self._liked_rows[:, slot].tolist(), strict=True)
        )
        searched = _summed(
            (weight * share, [code for code in codes if dictionary.dimension(code) == dimension])
            for weight, codes in self._searched
        )
        disliked = (
            _summed(zip(self._disliked, self._disliked_rows[:, slot].tolist(), strict=True))
            if dimension in PRIVATE_DIMENSIONS
            else {}
        )
        strengths = {code: min(weight, 1.0) for code, weight in liked.items()}
        for code, weight in searched.items():
            strengths[code] = min(strengths.get(code, 0.0) + min(weight, 1.0), 1.0)
        for code, weight in disliked.items():
            strengths[code] = strengths.get(code, 0.0) - weight / (1.0 + weight)
        strengths.pop(0, None)
        told = [
            (-abs(strength), dictionary.label(code), strength)
            for code, strength in strengths.items()
            if abs(strength) >= LEAST and dictionary.label(code) not in self._wrong.get(dimension, ())
        ]
        return {value: round(strength, 4) for _, value, strength in sorted(told)[:VALUES_LIMIT]}


def _summed(weighed: Iterable[tuple[float, Iterable[int]]]) -> dict[int, float]:
    """Answer the weight of each code."""
    total: dict[int, float] = {}
    for weight, codes in weighed:
        for code in codes:
            total[code] = total.get(code, 0.0) + weight
    return total


def _liked(candidate: Candidate, catalog: Catalog, now: int, interest: Interest) -> Iterator[tuple[float, int]]:
    worth = {
        "viewed": interest.viewed,
        "shared": interest.shared,
        "started": interest.started,
        "submitted": interest.submitted,
    }
    began = session_start(candidate, now)
    find, half_life = catalog.known_rows.get, interest.half_life_days * DAY_MS

    def decayed(weight: float, at: int) -> float:
        boost = interest.session_boost if at >= began else 1.0
        age: float = max(0, now - at) / half_life
        return weight * boost * exp2(-age)

    for at, kind, job, dwell in candidate.interactions[: interest.deeds]:
        weight = interest.read * log2(1 + dwell / 10_000) if kind == "read" else worth.get(kind)
        if weight is not None and (row := find(job)) is not None:
            yield decayed(weight, at), row
    for weight, marks in ((interest.saved, candidate.saved), (interest.liked, candidate.liked)):
        for job, at in marks.items():
            if (row := find(job)) is not None:
                yield decayed(weight, at), row


def _disliked(candidate: Candidate, catalog: Catalog, now: int, interest: Interest) -> Iterator[tuple[float, int]]:
    for job, (at, _) in candidate.dismissed.items():
        if (row := catalog.known_rows.get(job)) is not None:
            yield exp2(-max(0, now - at) / (interest.dislike_half_life_days * DAY_MS)), row
