"""Where a person is now: what the request says, else what the visit said."""

from dataclasses import dataclass

from catalog.index import Catalog
from schemas.events import Moment
from scorers.query import Query


@dataclass(frozen=True, slots=True)
class Whereabouts:
    latitude: float | None = None
    longitude: float | None = None
    locality: str | None = None
    region: str | None = None
    country: str | None = None

    def places(self, catalog: Catalog) -> list[int]:
        """Answer the codes of the place by its name."""
        match = catalog.dictionary.matching
        if not self.locality:
            return []
        named = f"{self.locality}, {self.region}" if self.region else self.locality
        return list(match("place", named) or match("place", self.locality))


NOWHERE = Whereabouts()


def whereabouts(query: Query) -> Whereabouts:
    """Answer where the person is; the request's own circumstances win."""
    if query.context is not None and (here := whereabouts_of(query.context.moment)) is not NOWHERE:
        return here
    return whereabouts_of(query.candidate.session.moment)


def whereabouts_of(moment: Moment) -> Whereabouts:
    """Answer the place that circumstances tell, NOWHERE when they do not."""
    if moment.latitude is None and moment.locality is None and moment.region is None and moment.country is None:
        return NOWHERE
    return Whereabouts(moment.latitude, moment.longitude, moment.locality, moment.region, moment.country)
