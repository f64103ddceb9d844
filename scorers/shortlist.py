"""From proposals to the shortlist: refused rows go, then the most promising stay, so that the model sees a bounded number."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.columns import SLOTS
from scorers.crowd import REACH, Crowd
from scorers.deeds import Ints
from scorers.rules import Case, Rule, judge
from scorers.sources.proposals import Proposals
from scorers.taste import LIKED, STATED

_PLACES = range(SLOTS["place"].start, SLOTS["place"].stop)
_UNIT = 4096
_MOST = (1 << 18) - 1


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Rows by person, then row. `sources` are bits by the position in the sources; `removed` are rows that a rule refused."""

    person: Ints
    row: Ints
    sources: Ints
    removed_person: Ints
    removed_row: Ints
    removed_by: NDArray[np.int8]
    failed_rules: tuple[str, ...]


def shortlist(crowd: Crowd, proposals: Proposals, rules: tuple[Rule, ...]) -> Shortlist:
    """Ask the rules about everything proposed, then cut each person's list to its size."""
    person, row, weight, sources = proposals.joined()
    case = Case(crowd.catalog, crowd.limits, person, row, crowd.policy.rules, crowd.now)
    verdict, failed = judge(rules, case)
    allowed = (verdict < 0).nonzero()[0]
    refused = (verdict >= 0).nonzero()[0]
    kept = allowed[_most_promising(crowd, person[allowed], row[allowed], weight[allowed])]
    return Shortlist(
        person=person[kept],
        row=row[kept],
        sources=sources[kept],
        removed_person=person[refused],
        removed_row=row[refused],
        removed_by=verdict[refused],
        failed_rules=tuple(failed),
    )


def _most_promising(crowd: Crowd, person: Ints, row: Ints, weight: Ints) -> Ints:
    size = crowd.policy.shortlisting.size
    starts = person.searchsorted(np.arange(len(crowd) + 1))
    if int((starts[1:] - starts[:-1]).max()) <= size:
        return np.arange(len(row))
    # A posting found by its title may lie in a favoured place without being among the newest there: place counts here as well.
    facets = crowd.catalog.columns.facets
    cells = crowd.taste.cells(person, np.array([facets[row, slot] for slot in _PLACES]))
    here = (crowd.taste.tables[LIKED] + 2 * crowd.taste.tables[STATED]).take(cells).max(axis=0)
    promise = np.minimum(weight + (here * (REACH["place"] * _UNIT)).astype(np.int64), _MOST)
    key = person << 50 | (_MOST - promise) << 32 | crowd.catalog.columns.tie[row]
    order = key.argsort()
    rank = np.arange(len(order)) - starts[person[order]]
    return np.sort(order[rank < size])
