"""Limits that a person stated: place, workplace, employment type, employers to leave out."""

import numpy as np

from catalog.columns import EMPLOYMENT_BIT, REMOTE, SLOTS, WORKPLACE_CODE
from catalog.dictionary import NOTHING
from catalog.geography import KM_A_DEGREE
from profiles.preferences import WantedPlace
from scorers.limits import Limits
from scorers.rules.case import Case, Mask

_SLOT_PLACE = SLOTS["place"]


class Place:
    """A stated place: the posting's place has that name, or lies within the radius of it, or the work is remote.

    A posting that does not say where it is cannot be checked, so it is refused; remote work passes (`workplace` may refuse it).
    """

    name = "place"

    def objections(self, case: Case) -> Mask | None:
        positions = case.concerned(lambda limits: limits.places)
        if positions is None:
            return None
        refused = case.none()
        row = case.row[positions]
        named = np.concatenate(
            [case.catalog.columns.facets[row, _SLOT_PLACE], case.catalog.columns.facets[row, SLOTS["region"]]], axis=1
        )
        allowed = case.are_pairs(positions, named, lambda limits: _codes(limits, case)).any(axis=1)
        allowed |= case.catalog.columns.workplace[row] == REMOTE
        refused[positions] = ~(allowed | self._within(case, positions))
        return refused

    def _within(self, case: Case, positions: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Mask:
        """Say which rows lie within a stated radius; a name without coordinates stands for the middle of its postings."""
        within = np.zeros(len(positions), np.bool_)
        person, row = case.person[positions], case.row[positions]
        for who in np.unique(person).tolist():
            mine = person == who
            latitude = case.catalog.columns.latitude[row[mine]]
            longitude = case.catalog.columns.longitude[row[mine]]
            for place in case.limits[who].places:
                for here in _points(place, case):
                    across = (longitude - here[1] + 180) % 360 - 180
                    km = np.hypot(latitude - here[0], across * np.cos(np.radians(here[0]))) * KM_A_DEGREE
                    within[mine] |= (km <= place.radius_km).any(axis=1)
        return within


class Workplace:
    """On site, hybrid or remote, as stated."""

    name = "workplace"

    def objections(self, case: Case) -> Mask | None:
        positions = case.concerned(lambda limits: limits.workplaces)
        if positions is None:
            return None
        refused = case.none()
        wanted = np.array([_bits(limits.workplaces, WORKPLACE_CODE) for limits in case.limits])[case.person[positions]]
        refused[positions] = wanted >> case.catalog.columns.workplace[case.row[positions]] & 1 == 0
        return refused


class EmploymentType:
    """Full time, part time, contract …, as stated. A posting that does not say cannot be checked, so it is refused."""

    name = "employment_type"

    def objections(self, case: Case) -> Mask | None:
        positions = case.concerned(lambda limits: limits.employment_types)
        if positions is None:
            return None
        refused = case.none()
        bits = [sum(EMPLOYMENT_BIT[name] for name in limits.employment_types) for limits in case.limits]
        wanted = np.array(bits)[case.person[positions]]
        refused[positions] = wanted & case.catalog.columns.employment[case.row[positions]] == 0
        return refused


class ExcludedEmployer:
    """Employers that a person does not want to see."""

    name = "excluded_employer"

    def objections(self, case: Case) -> Mask | None:
        positions = case.concerned(lambda limits: limits.employers_excluded)
        if positions is None:
            return None
        refused = case.none()
        match = case.catalog.dictionary.matching
        employer = case.catalog.columns.facets[case.row[positions], SLOTS["employer"].start]
        refused[positions] = case.are_pairs(
            positions,
            employer,
            lambda limits: [code for name in limits.employers_excluded for code in match("employer", name)],
        )
        return refused


def _bits(names: tuple[str, ...], codes: dict[str, int]) -> int:
    return sum(1 << codes[name] for name in names)


def _codes(limits: Limits, case: Case) -> list[int]:
    match = case.catalog.dictionary.matching
    found = (code for place in limits.places for at in ("place", "region") for code in match(at, place.label))
    return [code for code in found if code != NOTHING]


def _points(place: WantedPlace, case: Case) -> list[tuple[float, float]]:
    if place.latitude is not None and place.longitude is not None:
        return [(place.latitude, place.longitude)]
    middles = (case.catalog.geography.middle(code) for code in case.catalog.dictionary.matching("place", place.label))
    return [middle for middle in middles if middle is not None]
