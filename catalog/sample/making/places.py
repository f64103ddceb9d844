"""Where a posting's work is, from the hand-written table of all work locations of the source."""

from collections.abc import Mapping

from catalog.sample.making.tables import hand_written
from schemas.jobs import Place


def places_by_location() -> Mapping[str, Place]:
    """Answer the place of each `work_location`; coordinates are a neighbourhood's centre, not the house."""
    areas = {name: columns for name, *columns in hand_written("areas")}
    return {source: _place(street, areas[area]) for source, street, area in hand_written("work_locations")}


def _place(street: str, area: list[str]) -> Place:
    locality, postal_code, latitude, longitude = area
    return Place(
        street=street or None,
        locality=locality,
        region="NY",
        postal_code=postal_code or None,
        country="US",
        latitude=float(latitude),
        longitude=float(longitude),
    )
