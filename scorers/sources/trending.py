"""What others look at of late."""

from scorers.crowd import Crowd
from scorers.sources.proposals import Proposals

TRENDING_WEIGHT = 0.2


class Trending:
    """The hottest postings of a person's place, then of anywhere."""

    name = "trending"

    def propose(self, crowd: Crowd, into: Proposals) -> None:
        heat, count = crowd.heat, crowd.policy.shortlisting.trending
        if not heat.hottest:
            return
        anywhere = heat.hottest[:count]
        for person in range(len(crowd)):
            local = heat.by_place.get(crowd.places[person])
            if local:
                into.offer(person, local[:count], TRENDING_WEIGHT)
            into.offer(person, anywhere[: count // 2] if local else anywhere, TRENDING_WEIGHT / 2)
