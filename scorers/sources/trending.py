"""What others look at of late."""

from array import array

from scorers.crowd import Crowd
from scorers.sources.proposals import Proposals
from scorers.trends import KINDS

TRENDING_WEIGHT = 0.2
SEGMENTS_OF_A_PERSON = 4
"""In how many of a person's segments it is looked, the first ones that trend."""


class Trending:
    """The hottest postings of the kind of work that a person looks for, of their place and segments; half the weight for anywhere's."""

    name = "trending"

    def propose(self, crowd: Crowd, into: Proposals) -> None:
        heat, count = crowd.heat, crowd.policy.shortlisting.trending
        anywhere = heat.hottest[:count]
        for person in range(len(crowd)):
            own = [rows[:count] for code in self._values(crowd, person) if (rows := heat.by_value.get(code))]
            own += [rows for _, rows in trending_for(crowd, person)]
            for rows in own:
                into.offer(person, rows, TRENDING_WEIGHT)
            into.offer(person, anywhere[: count // 2] if own else anywhere, TRENDING_WEIGHT / 2)

    def _values(self, crowd: Crowd, person: int) -> tuple[int, int]:
        """Answer the place and the kind of work that say most about a person, 0 where none does: stated before liked."""
        known = [
            code
            for facets in (crowd.wishes[person], crowd.favourites[person])
            for kind in KINDS
            for code, _, dimension in facets
            if dimension == kind
        ]
        return crowd.places[person], known[0] if known else 0


def trending_for(crowd: Crowd, person: int) -> "list[tuple[str, array[int]]]":
    """Answer the segments of a person that trend, and the rows that are proposed for each."""
    of_segments = crowd.heat.of_segments
    if not of_segments:
        return []
    held = [key for key in crowd.queries[person].segments if key in of_segments]
    return [(key, of_segments[key][: crowd.policy.shortlisting.trending]) for key in held[:SEGMENTS_OF_A_PERSON]]
