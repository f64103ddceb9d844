"""What a rule judges: rows of postings, each for one person, with that person's limits."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from catalog.index import Catalog
from scorers.deeds import Ints
from scorers.limits import Limits
from scorers.policy import RuleOptions

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """`person` indexes `limits`, `row` the catalogue; both as long as the question."""

    catalog: Catalog
    limits: Sequence[Limits]
    person: Ints
    row: Ints
    options: RuleOptions
    now: int

    def __len__(self) -> int:
        return len(self.row)

    def jobs(self, of: Callable[[Limits], Iterable[str]]) -> Mask | None:
        """Say of each row whether it is among its person's own jobs of some kind; None when nobody has any."""
        find = self.catalog.row
        named = [
            person << 32 | row
            for person, limits in enumerate(self.limits)
            for job in of(limits)
            if (row := find(job)) is not None
        ]
        if not named:
            return None
        found = self.none()
        keys = self.person << 32 | self.row
        # Sorted already when the pipeline asks: then this costs next to nothing.
        order = np.argsort(keys, kind="stable")
        wanted = np.array(named)
        place = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
        found[place[keys[place] == wanted]] = True
        return found

    def none(self) -> Mask:
        """Answer that nothing is to be said against any row."""
        return np.zeros(len(self), np.bool_)

    def concerned(self, has: Callable[[Limits], object]) -> Ints | None:
        """Answer the positions of the rows whose person has such a limit, None when nobody does."""
        people = [bool(has(limits)) for limits in self.limits]
        if not any(people):
            return None
        return np.arange(len(self.row)) if all(people) else np.flatnonzero(np.array(people)[self.person])

    def numbers(self, of: Callable[[Limits], float]) -> NDArray[np.float64]:
        """Answer a number for each person."""
        return np.array([of(limits) for limits in self.limits], np.float64)

    def are_pairs(self, positions: Ints, codes: NDArray[np.integer], of: Callable[[Limits], Iterable[int]]) -> Mask:
        """Say for each code (any shape that begins with `positions`) whether it is among its person's own."""
        keys = np.array(
            sorted({person << 32 | code for person, limits in enumerate(self.limits) for code in of(limits)})
        )
        asked = (self.person[positions] << 32).reshape(-1, *[1] * (codes.ndim - 1)) | codes
        if not len(keys):
            return np.zeros(asked.shape, np.bool_)
        found: Mask = keys[np.minimum(np.searchsorted(keys, asked), len(keys) - 1)] == asked
        return found


class Rule(Protocol):
    """A must-have. Says which rows may not be shown.

    A rule reads the case and nothing else. A rule that raises refuses every row it was asked about: a must-have that cannot be
    checked is not met.
    """

    @property
    def name(self) -> str: ...

    def objections(self, case: Case) -> Mask | None:
        """Answer which rows are refused, None for none: most people limit little, and then no row need be looked at."""
        ...


def judge(rules: Sequence[Rule], case: Case) -> tuple[NDArray[np.int8], list[str]]:
    """Answer for each row the number of the first rule that refuses it, -1 for none, and the rules that could not be checked."""
    verdict = np.full(len(case), -1, np.int8)
    failed: list[str] = []
    for number, rule in enumerate(rules):
        if rule.name in case.options.off:
            continue
        try:
            refused = rule.objections(case)
        except Exception:  # noqa: BLE001  whatever goes wrong inside a rule, its answer is no
            failed.append(rule.name)
            refused = np.ones(len(case), np.bool_)
        if refused is not None:
            verdict[refused & (verdict < 0)] = number
    return verdict, failed
