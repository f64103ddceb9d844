"""What is near where a person is now."""

from scorers.crowd import Crowd
from scorers.sources.proposals import Proposals
from scorers.whereabouts import whereabouts

NEAR_WEIGHT = 0.5


class NearBy:
    """The places around the position that the visit told, or the place of the name that it told."""

    name = "near"

    def propose(self, crowd: Crowd, into: Proposals) -> None:
        catalog, depths = crowd.catalog, crowd.policy.shortlisting
        for person, query in enumerate(crowd.queries):
            here = whereabouts(query)
            if here.latitude is not None and here.longitude is not None:
                places = [code for _, code in catalog.places_around(here.latitude, here.longitude, depths.near_places)]
            else:
                places = here.places(catalog)
            for place in places[: depths.near_places]:
                into.offer(person, catalog.newest_of(place, depths.depth // 2), NEAR_WEIGHT)
                for code, weight, dimension in crowd.favourites[person][:4]:
                    if dimension in {"occupation", "category"}:
                        into.offer(person, catalog.newest_of_pair(place, code, depths.pair_depth), NEAR_WEIGHT + weight)
