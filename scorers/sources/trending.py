"""What others look at of late."""

from scorers.crowd import Crowd
from scorers.sources.proposals import Proposals
from scorers.trends import KINDS

TRENDING_WEIGHT = 0.2


class Trending:
    """The hottest postings of the kind of work that a person looks for and of their place; half the weight for those of anywhere."""

    name = "trending"

    def propose(self, crowd: Crowd, into: Proposals) -> None:
        heat, count = crowd.heat, crowd.policy.shortlisting.trending
        if not heat.hottest:
            return
        anywhere = heat.hottest[:count]
        for person in range(len(crowd)):
            own = [rows for code in self._values(crowd, person) if (rows := heat.by_value.get(code))]
            for rows in own:
                into.offer(person, rows[:count], TRENDING_WEIGHT)
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
