"""What a candidate asked for in words of the trade: lenient reading of explicit preferences."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, TypeVar, get_args

from schemas.jobs import HOURS_A_YEAR, EmploymentType, Seniority, Workplace

DEFAULT_RADIUS_KM = 30.0
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class WantedPlace:
    """A place to work near: by name, by position, or both; degrees and kilometres."""

    label: str
    latitude: float | None = None
    longitude: float | None = None
    radius_km: float = DEFAULT_RADIUS_KM


@dataclass(frozen=True, slots=True)
class Preferences:
    """Explicit choices; empty: nothing was said. `salary_min` is a full-time year's, `start` as it was said."""

    employment_types: tuple[EmploymentType, ...] = ()
    workplaces: tuple[Workplace, ...] = ()
    places: tuple[WantedPlace, ...] = ()
    salary_min: float | None = None
    currency: str | None = None
    occupations: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    seniorities: tuple[Seniority, ...] = ()
    employers_excluded: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    start: str | None = None


NO_PREFERENCES = Preferences()
PREFERENCE_KEYS = tuple(Preferences.__dataclass_fields__)

_ALIASES = {
    "employment_type": "employment_types",
    "job_type": "employment_types",
    "job_types": "employment_types",
    "workplace": "workplaces",
    "workplace_type": "workplaces",
    "workplace_types": "workplaces",
    "place": "places",
    "location": "places",
    "locations": "places",
    "min_salary": "salary_min",
    "minimum_salary": "salary_min",
    "salary": "salary_min",
    "occupation": "occupations",
    "category": "categories",
    "skill": "skills",
    "seniority": "seniorities",
    "excluded_employers": "employers_excluded",
    "employer_excluded": "employers_excluded",
    "credential": "credentials",
    "must_haves": "credentials",
    "start_date": "start",
}
_WORKPLACES = {
    "REMOTE": "REMOTE",
    "TELECOMMUTE": "REMOTE",
    "HOMEOFFICE": "REMOTE",
    "HYBRID": "HYBRID",
    "ONSITE": "ON_SITE",
    "OFFICE": "ON_SITE",
    "INOFFICE": "ON_SITE",
}
_EMPLOYMENT_TYPES = {
    **{name.replace("_", ""): name for name in get_args(EmploymentType)},
    "CONTRACT": "CONTRACTOR",
    "TEMP": "TEMPORARY",
    "INTERNSHIP": "INTERN",
}
_SENIORITIES = {name: name for name in get_args(Seniority)}


def canonical_key(key: str) -> str:
    """Answer the one name of a preference: `employmentType`, `Employment-Type` and `employment_types` are the same."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key.strip()).replace("-", "_").replace(" ", "_").lower()
    return _ALIASES.get(snake, snake)


def read_preferences(values: Mapping[str, Any]) -> Preferences:
    """Answer the typed view of what was said, by canonical key.

    What cannot be understood is left out; unknown keys are not used.
    """
    if not values:
        return NO_PREFERENCES
    read = {key: reader(values[key]) for key, reader in _READERS.items() if key in values}
    if "currency" not in read and isinstance(salary := values.get("salary_min"), Mapping):
        read["currency"] = _currency(salary.get("currency"))
    return Preferences(**read)


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> tuple[str, ...]:
    return _unique(item.strip() or None for item in _items(value) if isinstance(item, str))


def _known(value: Any, names: Mapping[str, str]) -> tuple[str, ...]:
    """Read names of a fixed list however they are spelt; one text may hold several, separated by commas."""
    words = [word for item in _items(value) if isinstance(item, str) for word in item.split(",")]
    return _unique(names.get(re.sub(r"[^A-Z]", "", word.upper())) for word in words)


def _unique(items: Iterable[Item | None]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(item for item in items if item is not None))


def _place(value: Any) -> WantedPlace | None:
    if isinstance(value, str):
        return WantedPlace(value.strip()) if value.strip() else None
    if not isinstance(value, Mapping):
        return None
    latitude = _number(_first(value, "latitude", "lat"))
    longitude = _number(_first(value, "longitude", "lon", "lng"))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        latitude = longitude = None
    label = _first(value, "label", "name", "city", "locality")
    if latitude is None and not isinstance(label, str):
        return None
    radius = _number(_first(value, "radius_km", "radiusKm", "radius"))
    return WantedPlace(
        label.strip() if isinstance(label, str) else "",
        latitude,
        longitude,
        DEFAULT_RADIUS_KM if radius is None or radius <= 0 else radius,
    )


def _salary(value: Any) -> float | None:
    """Read a number or text of a year's pay, or an object with amount and unit."""
    if not isinstance(value, Mapping):
        return _number(value) or None
    amount = _number(_first(value, "amount", "min", "minimum", "value"))
    unit = str(_first(value, "unit", "per") or "YEAR").upper()
    return amount * HOURS_A_YEAR.get(unit, 1.0) if amount else None


def _currency(value: Any) -> str | None:
    code = value.strip().upper() if isinstance(value, str) else ""
    return code if len(code) == 3 and code.isalpha() else None


def _first(value: Mapping[str, Any], *names: str) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _number(value: Any) -> float | None:
    """Read a number, or a text such as `$65,000` or `65 000 EUR`."""
    if isinstance(value, int | float):
        return None if isinstance(value, bool) else float(value)
    if isinstance(value, str) and (
        found := re.fullmatch(r"[^\d-]{0,4}(\d[\d,_ ]*(?:\.\d+)?)\s*[A-Za-z]{0,3}", value.strip())
    ):
        return float(re.sub(r"[,_ ]", "", found[1]))
    return None


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "employment_types": lambda value: _known(value, _EMPLOYMENT_TYPES),
    "workplaces": lambda value: _known(value, _WORKPLACES),
    "places": lambda value: _unique(_place(item) for item in _items(value)),
    "salary_min": lambda value: _positive(_salary(value)),
    "currency": _currency,
    "occupations": _texts,
    "categories": _texts,
    "skills": _texts,
    "seniorities": lambda value: _known(value, _SENIORITIES),
    "employers_excluded": _texts,
    "credentials": lambda value: tuple(code.lower() for code in _texts(value)),
    "start": lambda value: next(iter(_texts(value)), None),
}


def _positive(amount: float | None) -> float | None:
    return amount if amount is not None and 0 < amount < inf else None
