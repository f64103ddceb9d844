"""What may not be shown to a person: stated limits and jobs done with, small enough to travel with a decision.

The overlay and the lower rungs have no profile at hand; they run the same rules on the limits that the decision carries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from profiles.candidate import Candidate
from profiles.preferences import NO_PREFERENCES, WantedPlace

HIDDEN_LIMIT = 200
"""How many jobs that a person applied to, and how many dismissed ones, are remembered here: more than a profile holds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Empty members limit nothing. `regions` are where the person may work, in lower case, as far as anybody said."""

    applied: tuple[str, ...] = ()
    dismissed: tuple[str, ...] = ()
    salary_min: float | None = None
    currency: str | None = None
    places: tuple[WantedPlace, ...] = ()
    workplaces: tuple[str, ...] = ()
    employment_types: tuple[str, ...] = ()
    employers_excluded: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    """What colleagues blocked (`scorers/overrides.py`)."""


NO_LIMITS = Limits()
_ENDED_EARLY = frozenset({"started", "abandoned"})
_REGION_TRAITS = ("country", "region", "state")


def limits_of(candidate: Candidate) -> Limits:
    """Answer the limits of a person. A place seen in the browser limits nothing: only what was said does."""
    wanted = candidate.preferences
    done = candidate.dismissed or candidate.submitted or candidate.applications
    if wanted is NO_PREFERENCES and not done and not candidate.traits:
        return NO_LIMITS
    moved_on = (job for job, standing in candidate.applications.items() if standing.stage not in _ENDED_EARLY)
    applied = tuple(dict.fromkeys((*candidate.submitted, *moved_on)))
    return Limits(
        applied=applied[:HIDDEN_LIMIT],
        dismissed=tuple(candidate.dismissed)[:HIDDEN_LIMIT],
        salary_min=wanted.salary_min,
        currency=wanted.currency,
        places=wanted.places,
        workplaces=wanted.workplaces,
        employment_types=wanted.employment_types,
        employers_excluded=wanted.employers_excluded,
        credentials=wanted.credentials,
        regions=_regions(candidate.traits),
    )


def limits_to_json(limits: Limits) -> dict[str, Any]:
    """Answer the members that limit anything, for the decision to carry."""
    if limits is NO_LIMITS:
        return {}
    body = {
        "a": limits.applied,
        "d": limits.dismissed,
        "s": limits.salary_min,
        "c": limits.currency,
        "p": [[place.label, place.latitude, place.longitude, place.radius_km] for place in limits.places],
        "w": limits.workplaces,
        "e": limits.employment_types,
        "x": limits.employers_excluded,
        "m": limits.credentials,
        "r": limits.regions,
        "b": limits.blocked,
    }
    return {name: list(value) if isinstance(value, tuple) else value for name, value in body.items() if value}


def limits_from_json(body: Mapping[str, Any]) -> Limits:
    """Answer the limits that `limits_to_json` wrote."""
    if not body:
        return NO_LIMITS
    return Limits(
        applied=tuple(body.get("a", ())),
        dismissed=tuple(body.get("d", ())),
        salary_min=body.get("s"),
        currency=body.get("c"),
        places=tuple(WantedPlace(*place) for place in body.get("p", ())),
        workplaces=tuple(body.get("w", ())),
        employment_types=tuple(body.get("e", ())),
        employers_excluded=tuple(body.get("x", ())),
        credentials=tuple(body.get("m", ())),
        regions=tuple(body.get("r", ())),
        blocked=tuple(body.get("b", ())),
    )


def _regions(traits: Mapping[str, Any]) -> tuple[str, ...]:
    """Read country and region from the traits, `address` as Segment has it."""
    address = traits.get("address")
    if not traits:
        return ()
    where = {**traits, **(address if isinstance(address, Mapping) else {})}
    return tuple(value.casefold() for name in _REGION_TRAITS if isinstance(value := where.get(name), str) and value)
