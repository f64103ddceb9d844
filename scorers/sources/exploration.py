"""What nobody would have proposed: a pool, spread over a place or the catalogue, of which one may be drawn."""

from zlib import crc32

from scorers.crowd import Crowd
from scorers.policy import DAY_MS
from scorers.sources.proposals import Proposals

POOL_WEIGHT = 15.0


class Explorer:
    """The pool is a function of the person and the day; chance comes in only when one of it is drawn (`scorers/rerank.py`)."""

    name = "pool"

    def propose(self, crowd: Crowd, into: Proposals) -> None:
        size = max(
            (selector.exploration.pool for selector in crowd.policy.selectors if selector.exploration), default=0
        )
        if not size:
            return
        day = crowd.now // DAY_MS
        for person, query in enumerate(crowd.queries):
            offset = crc32(f"{query.candidate.id}|{day}".encode())
            place = crowd.places[person]
            rows = crowd.catalog.sample(place if crowd.catalog.count_of(place) >= 2 * size else 0, offset, size)
            into.offer(person, rows, POOL_WEIGHT)
