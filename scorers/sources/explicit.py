"""What a person asked for in so many words."""

from scorers.crowd import Crowd
from scorers.sources.interest import offer_favourites
from scorers.sources.proposals import Proposals

STATED_BOOST = 2.0


class StatedWishes:
    """Explicit preferences, looked up like interests and weighing twice as much."""

    name = "stated"

    def propose(self, crowd: Crowd, into: Proposals) -> None:
        for person, wishes in enumerate(crowd.wishes):
            offer_favourites(person, wishes, crowd, into, STATED_BOOST)
            for place in crowd.limits[person].places:
                if place.latitude is not None and place.longitude is not None:
                    self._offer_around(person, (place.latitude, place.longitude), crowd, into)

    def _offer_around(self, person: int, point: tuple[float, float], crowd: Crowd, into: Proposals) -> None:
        depths = crowd.policy.shortlisting
        for _, code in crowd.catalog.places_around(*point, depths.near_places):
            into.offer(person, crowd.catalog.newest_of(code, depths.depth), STATED_BOOST)
