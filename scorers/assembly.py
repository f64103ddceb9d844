"""From columns to the postings that are kept: items, with reasons for those that a page shows first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import repeat

import numpy as np

from schemas.decision import Choice, RankedItem, Reason
from scorers.deeds import Ints
from scorers.features import FEATURE_NAMES
from scorers.models import Logits, Model, probability
from scorers.playlists import Scored
from scorers.policy import Selector
from scorers.reasons import CODES, REASONS_LIMIT, reasons_of_rows
from scorers.rerank import NOBODY, Ranking

EDITORIAL = Reason("editorial")
EXPLORATION = Reason("exploration")
MAKE_ITEM = partial(tuple.__new__, RankedItem)
MAKE_REASON = partial(tuple.__new__, Reason)
"""What the classes themselves do, without the call in Python: 0.15 instead of 0.35 µs, a hundred times a person."""


@dataclass(frozen=True, slots=True)
class JobChoices:
    """Writes the choices of the jobs selectors, person by person, out of items that were made for the whole batch."""

    selectors: Sequence[Selector]
    plain: Sequence[RankedItem]
    told: Mapping[int, RankedItem]
    """The items that carry reasons."""
    index: Sequence[list[list[int]]]
    propensity: Sequence[list[list[float] | None]]
    """None where all are 1."""
    drawn: Sequence[list[int]]
    """For each selector the place that chance filled for each person, -1 for none."""

    def of(self, person: int) -> list[Choice]:
        return [
            Choice(selector.name, "RECS", tuple(self._items(number, selector.explained, person)))
            for number, selector in enumerate(self.selectors)
        ]

    def _items(self, number: int, explained: int, person: int) -> list[RankedItem]:
        rows, chances, plain = self.index[number][person], self.propensity[number][person], self.plain
        if rows and rows[-1] < 0:
            rows = rows[: rows.index(NOBODY)]
        items = [self.told[row] for row in rows[:explained]]
        items += [plain[row] for row in rows[explained:]]
        if chances is not None:
            items = [
                item if chance == 1.0 else item._replace(propensity=chance)
                for item, chance in zip(items, chances, strict=False)
            ]
        place = self.drawn[number][person]
        if place >= 0:
            items[place] = items[place]._replace(source="exploration", reasons=(EXPLORATION, *items[place].reasons))
        return items


def job_choices(
    scored: Scored,
    selectors: Sequence[Selector],
    rankings: Sequence[Ranking],
    *,
    source_bits: Ints,
    names: Sequence[str],
    model: Model,
) -> JobChoices:
    """Make every item that is kept: in columns up to the last step, for these objects are most of what a decision costs."""
    frame, catalog = scored.frame, scored.frame.crowd.catalog
    kept, index = _kept(rankings)
    named = _source_names(tuple(names))
    sources = [named[bits] for bits in source_bits[kept].tolist()]
    ids = [catalog.ids[row] for row in frame.row[kept].tolist()]
    scores = np.round(_shown(probability(scored.opinion.joined[kept])), 4).tolist()
    plain: list[RankedItem] = list(map(MAKE_ITEM, zip(ids, scores, repeat(1.0), sources, repeat(()))))
    explained = _explained(selectors, index, len(kept))
    reasons = _reasons(scored, kept[explained], model)
    told = {}
    for row, some in zip(explained.tolist(), reasons, strict=True):
        why = (EDITORIAL, *some) if sources[row] == "pin" else some
        told[row] = RankedItem(ids[row], scores[row], 1.0, sources[row], why)
    return JobChoices(
        selectors=selectors,
        plain=plain,
        told=told,
        index=[some.tolist() for some in index],
        propensity=[_chances(ranking) for ranking in rankings],
        drawn=[_drawn_places(ranking) for ranking in rankings],
    )


def _reasons(scored: Scored, positions: Ints, model: Model) -> list[tuple[Reason, ...]]:
    """Answer what is told of each row, the heaviest first."""
    label = scored.frame.crowd.catalog.dictionary.label
    unconfirmed = scored.feature("must_have_unconfirmed")[positions] > 0
    contributions = model.contributions(np.ascontiguousarray(scored.matrix[positions]), FEATURE_NAMES)
    told = reasons_of_rows(scored.frame, positions, contributions, unconfirmed)
    spoken = zip(map(CODES.__getitem__, told.code), map(label, told.detail), told.weight, strict=True)
    all_reasons: list[Reason] = list(map(MAKE_REASON, spoken))
    found = []
    for number, (count, must_have) in enumerate(zip(told.count, told.must_have, strict=True)):
        start = number * REASONS_LIMIT
        reasons = tuple(all_reasons[start : start + count])
        found.append((*reasons, Reason("must_have_unconfirmed", label(must_have))) if must_have else reasons)
    return found


def _kept(rankings: Sequence[Ranking]) -> tuple[Ints, list[Ints]]:
    """Answer the positions that any ranking keeps, and the rankings in terms of these."""
    most = max((int(ranking.index.max(initial=NOBODY)) for ranking in rankings), default=NOBODY)
    new = np.zeros(most + 2, np.int64)
    for ranking in rankings:
        new[ranking.index] = 1
    kept = np.flatnonzero(new[:-1])
    new[kept] = np.arange(len(kept))
    new[NOBODY] = NOBODY
    return kept, [new[ranking.index] for ranking in rankings]


@lru_cache(maxsize=8)
def _source_names(names: tuple[str, ...]) -> list[str]:
    """Answer for each combination of sources the name of the first."""
    return [names[(bits & -bits).bit_length() - 1] for bits in range(1 << len(names))]


def _shown(chances: Logits) -> Logits:
    """Answer 0 for what is not a number: it ranks last and says so."""
    return np.where(np.isfinite(chances), chances, 0.0)


def _explained(selectors: Sequence[Selector], index: Sequence[Ints], rows: int) -> Ints:
    """Answer the positions whose reasons are told."""
    told = np.zeros(rows + 1, np.bool_)
    for selector, some in zip(selectors, index, strict=True):
        told[some[:, : selector.explained]] = True
    return np.flatnonzero(told[:rows])


def _chances(ranking: Ranking) -> list[list[float] | None]:
    if (ranking.propensity == 1.0).all():
        return [None] * len(ranking.index)
    return np.round(ranking.propensity, 6).tolist()  # type: ignore[no-any-return]  # numpy's Any


def _drawn_places(ranking: Ranking) -> list[int]:
    if not ranking.drawn.size:
        return [NOBODY] * len(ranking.index)
    places: list[int] = np.where(ranking.drawn.any(axis=1), ranking.drawn.argmax(axis=1), NOBODY).tolist()
    return places
