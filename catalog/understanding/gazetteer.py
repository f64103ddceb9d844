"""Where a named place is: cities of 15,000 people and more, countries, US states."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from schemas.jobs import Place

PLAIN_WINNER = 3.0
"""How many times larger than the next a city must be for its bare name to mean it."""
_PUNCTUATION = re.compile(r"[^a-z0-9]+")
_PARTS = re.compile(r"\s*[,;/|()\u2022\u00b7]\s*|\s+[-\u2013]\s+")
_US_STATE = re.compile(r"^(?P<state>[A-Z]{2})(?:\s+\d{5}(?:-\d{4})?)?$")
_SPOKEN = {"usa": "US", "u s a": "US", "u s": "US", "united states of america": "US", "uk": "GB", "great britain": "GB",
           "england": "GB", "scotland": "GB", "wales": "GB", "holland": "NL", "czech republic": "CZ", "deutschland": "DE"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spot:
    """A city: `region` is the state's letters in the US, else GeoNames' number of the region."""

    name: str
    region: str
    country: str
    latitude: float
    longitude: float
    population: int

    def place(self) -> Place:
        region = self.region if self.region.isalpha() else None
        return Place(None, self.name, region, None, self.country, self.latitude, self.longitude)


class Gazetteer:
    """Finds places by name. Names are compared without case, accents and punctuation."""

    def __init__(self, rows: Iterable[list[str]]) -> None:
        self.states: dict[str, str] = {}
        """Names of US states by their letters."""
        self._countries: dict[str, str] = dict(_SPOKEN)
        self._currencies: dict[str, str] = {}
        self._regions: dict[str, str] = {}
        self._spots: defaultdict[str, list[Spot]] = defaultdict(list)
        for kind, *columns in rows:
            if kind == "city":
                self._add_city(columns)
            elif kind == "state":
                self.states[columns[0]] = columns[1]
                self._regions |= {folded(columns[0]): columns[0], folded(columns[1]): columns[0]}
            else:
                self._add_country(*columns)

    def country(self, name: str) -> str | None:
        """Answer the two letters of a country by its name or letters."""
        return self._countries.get(folded(name))

    def currency(self, country: str) -> str | None:
        """Answer the three letters of what is paid with in a country."""
        return self._currencies.get(country)

    def find(self, locality: str, region: str | None = None, country: str | None = None) -> Spot | None:
        """Answer the city meant; None when no such one is known, or a bare name might be several of like size."""
        land = self.country(country) if country else None
        state = self._regions.get(folded(region)) if region else None
        spots = [
            spot
            for spot in self._spots.get(folded(locality), ())
            if (land is None or spot.country == land)
            and (state is None or spot.region == state or (spot.country != "US" and land is not None))
        ]
        if not spots:
            return None
        first, second = spots[0], spots[1] if len(spots) > 1 else None
        sure = state is not None or second is None or first.population >= PLAIN_WINNER * second.population
        return first if sure or land is not None else None

    def located(self, place: Place) -> Place:
        """Answer a place with coordinates and country where it lacks them and its name is known."""
        if place.latitude is not None or not place.locality:
            return place
        spot = self.find(place.locality, place.region, place.country)
        if spot is None:
            return place
        return replace(place, latitude=spot.latitude, longitude=spot.longitude, country=place.country or spot.country)

    def read(self, text: str) -> Place | None:
        """Answer the place that a short text names, such as `Austin, TX` or `Berlin, Germany`; None when unsure."""
        parts = [part for part in _PARTS.split(text.strip()) if part]
        if not parts or len(parts) > 4 or len(text) > 100:
            return None
        region = next(
            (
                match["state"]
                for part in parts[1:]
                if (match := _US_STATE.match(part)) and match["state"] in self.states
            ),
            None,
        )
        region = region or next((part for part in parts[1:] if folded(part) in self._regions), None)
        country = next((part for part in parts[1:] if self.country(part) and part != region), None)
        spot = self.find(parts[0], region, country or ("US" if region else None))
        return None if spot is None else spot.place()

    def _add_city(self, columns: list[str]) -> None:
        name, region, country, latitude, longitude, population, others = columns
        spot = Spot(name, region, country, float(latitude), float(longitude), int(population))
        for key in dict.fromkeys(folded(each) for each in (name, *others.split("|")) if each):
            # The table is sorted by population, so each list is, too.
            self._spots[key].append(spot)

    def _add_country(self, code: str, name: str, iso3: str, currency: str) -> None:
        self._countries |= {folded(code): code, folded(iso3): code, folded(name): code}
        self._currencies[code] = currency


def folded(name: str) -> str:
    plain = name if name.isascii() else unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _PUNCTUATION.sub(" ", plain.lower()).strip()
