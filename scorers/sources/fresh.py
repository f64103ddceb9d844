"""What came since the last visit."""

from scorers.crowd import Crowd
from scorers.sources.proposals import Proposals

FRESH_WEIGHT = 0.2


class FreshSinceLastVisit:
    """The newest postings of a person's place, and some of the newest anywhere."""

    name = "fresh"

    def propose(self, crowd: Crowd, into: Proposals) -> None:
        count = crowd.policy.shortlisting.fresh
        anywhere = crowd.catalog.newest(count)
        for person in range(len(crowd)):
            place = crowd.places[person]
            if place:
                into.offer(person, crowd.catalog.newest_of(place, count), FRESH_WEIGHT)
            into.offer(person, anywhere[-count // 2 :] if place else anywhere, FRESH_WEIGHT / 2)
