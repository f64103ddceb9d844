"""How far the way to work is, in words that a filter, a rule or a page can use."""

from typing import Literal, get_args

from catalog.geography import distance_km
from schemas.jobs import Place

Commute = Literal["NEAR", "EASY", "DAILY", "LONG", "FAR"]
COMMUTES: tuple[str, ...] = get_args(Commute)
COMMUTE_EDGES_KM = (5.0, 15.0, 30.0, 60.0)
"""Where NEAR, EASY, DAILY and LONG end, as the crow flies; beyond is FAR."""


def commute_of(km: float) -> Commute:
    """Answer the band of a distance."""
    bands: tuple[Commute, ...] = ("NEAR", "EASY", "DAILY", "LONG", "FAR")
    return bands[sum(1 for edge in COMMUTE_EDGES_KM if km > edge)]


def distance_between(one: Place, other: Place) -> float | None:
    """Answer kilometres, None where either place has no coordinates."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    return distance_km(one.latitude, one.longitude, other.latitude, other.longitude)
