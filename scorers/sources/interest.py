"""The interest vector against the index: the newest postings of each facet that a person's behaviour favours."""

from scorers.crowd import Crowd, Favourite
from scorers.sources.proposals import Proposals


class Interests:
    """Behaviour of the last weeks and searches."""

    name = "interest"

    def propose(self, crowd: Crowd, into: Proposals) -> None:
        for person, favourites in enumerate(crowd.favourites):
            offer_favourites(person, favourites, crowd, into)


def offer_favourites(
    person: int, favourites: list[Favourite], crowd: Crowd, into: Proposals, boost: float = 1.0
) -> None:
    """Offer the union of the facets' newest postings, and of places together with kinds of work: place decides first."""
    catalog, depths = crowd.catalog, crowd.policy.shortlisting
    places: list[tuple[int, float]] = []
    kinds: list[tuple[int, float]] = []
    for code, weight, dimension in favourites:
        into.offer(person, catalog.newest_of(code, depths.depth), weight * boost)
        if dimension == "place":
            places.append((code, weight))
        elif dimension in {"occupation", "category"}:
            kinds.append((code, weight))
    for place, near in places[:2]:
        for kind, alike in kinds[:2]:
            into.offer(person, catalog.newest_of_pair(place, kind, depths.pair_depth), (near + alike) * boost)
