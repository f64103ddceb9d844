"""From columns to the postings that are kept, with reasons for those that a page shows first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from schemas.decision import SCORE_UNIT, Choice, Ranked
from scorers.boosts import positions_of
from scorers.deeds import Ints
from scorers.features import FEATURE_NAMES
from scorers.models import Logits, Model, probability
from scorers.playlists import Scored
from scorers.policy import Selector
from scorers.reasons import CODES, REASONS_LIMIT, reasons_of_rows
from scorers.rerank import Ranking
from scorers.sources.proposals import bit_of
from scorers.sources.trending import trending_for

EDITORIAL = ("editorial", "", 0.0)
EXPLORATION = ("exploration", "", 0.0)
OVERRIDE = "override"
TRENDING_IN_SEGMENT = "trending_in_segment"
_TOGETHER = CODES.index("viewed_together")
Told = Sequence[Any]
"""Reasons as `Ranked` has them: code, detail and weight of each, one after the other."""


@dataclass(frozen=True, slots=True)
class JobChoices:
    """Writes the choices of the jobs selectors, person by person, from what is known of the rows by their positions.

    `ids` and `sources` are by `rows` and `bits`, so that only what is kept is looked up: names lie all over the memory.
    """

    selectors: Sequence[Selector]
    rankings: Sequence[Sequence[Ranking]]
    """By selector, then by person."""
    rows: Sequence[int]
    bits: Sequence[int]
    scores: Sequence[int]
    ids: Sequence[str]
    sources: Sequence[str]
    told: Mapping[int, Told]

    def of(self, person: int) -> list[Choice]:
        return [
            Choice(selector.name, "RECS", self._ranked(rankings[person], selector.explained))
            for selector, rankings in zip(self.selectors, self.rankings, strict=True)
        ]

    def _ranked(self, ranking: Ranking, explained: int) -> Ranked:
        order, drawn = ranking.order, ranking.drawn
        sources = [self.sources[self.bits[position]] for position in order]
        told = [self.told[position] for position in order[:explained]]
        if drawn is not None:
            sources[drawn] = "exploration"
            told += [()] * (drawn + 1 - len(told))
            told[drawn] = (*EXPLORATION, *told[drawn])
        return Ranked(
            ids=[self.ids[self.rows[position]] for position in order],
            scores=[self.scores[position] for position in order],
            sources=sources,
            told=told,
            propensities={place: round(chance, 6) for place, chance in ranking.propensities.items()},
        )


def job_choices(
    scored: Scored,
    selectors: Sequence[Selector],
    rankings: Sequence[Sequence[Ranking]],
    *,
    source_bits: Ints,
    names: tuple[str, ...],
    model: Model,
) -> JobChoices:
    """Make everything that choices are picked from: in columns up to the last step, for objects are most of what a decision costs."""
    pinned = (source_bits & bit_of("pin", names)).nonzero()[0]
    bits, trending = source_bits.tolist(), bit_of("trending", names)
    told = _told(scored, _explained(selectors, rankings), frozenset(pinned), model)
    return JobChoices(
        selectors=selectors,
        rankings=rankings,
        rows=scored.frame.row.tolist(),
        bits=bits,
        scores=score_units(scored.opinion.joined),
        ids=scored.frame.crowd.catalog.ids,
        sources=_source_names(names),
        told=_with_overrides(scored, _with_segments(scored, told, bits, trending)),
    )


def score_units(logits: Logits) -> list[int]:
    """Answer scores as `Ranked` has them; 0 for what is not a number: it ranks last and says so."""
    chances = probability(logits)
    units: list[int] = np.rint(np.where(np.isfinite(chances), chances, 0.0) * SCORE_UNIT).astype(np.int64).tolist()
    return units


def _explained(selectors: Sequence[Selector], rankings: Sequence[Sequence[Ranking]]) -> list[int]:
    """Answer the positions whose reasons are told."""
    told: set[int] = set()
    for selector, some in zip(selectors, rankings, strict=True):
        for ranking in some:
            told.update(ranking.order[: selector.explained])
    return sorted(told)


def _told(scored: Scored, explained: Sequence[int], pinned: Collection[int], model: Model) -> dict[int, Told]:
    """Answer what is told of each position, the heaviest first."""
    labels = scored.frame.crowd.catalog.dictionary.labels
    positions = np.array(explained, np.int64)
    unconfirmed = scored.feature("must_have_unconfirmed")[positions] > 0
    rows = np.ascontiguousarray(scored.matrix[positions])
    told = reasons_of_rows(scored.frame, positions, rows, model.contributions(rows, FEATURE_NAMES), unconfirmed)
    # Code, detail and weight of all reasons in one list: a slice of it is what a row is told.
    spoken = [
        member
        for code, detail, weight in zip(told.code, told.detail, told.weight, strict=True)
        for member in (CODES[code], labels[detail], weight)
    ]
    _say_beside(scored, positions, told.code, spoken)
    found: dict[int, Told] = {}
    for number, (position, count, must_have) in enumerate(zip(explained, told.count, told.must_have, strict=True)):
        start = 3 * REASONS_LIMIT * number
        reasons: Told = spoken[start : start + 3 * count]
        if must_have:
            reasons = (*reasons, "must_have_unconfirmed", labels[must_have], 0.0)
        found[position] = (*EDITORIAL, *reasons) if position in pinned else reasons
    return found


def _say_beside(scored: Scored, positions: Ints, codes: Sequence[int], spoken: list[Any]) -> None:
    """Name the posting that others looked at as well: a title, which is no value of the dictionary."""
    catalog, beside = scored.frame.crowd.catalog, scored.frame.crowd.companions.beside
    together = [place for place, code in enumerate(codes) if code == _TOGETHER] if beside else ()
    if not together:
        return
    keys = (scored.frame.person[positions] << 32 | scored.frame.row[positions]).tolist()
    for place in together:
        looked_at = beside.get(keys[place // REASONS_LIMIT])
        if looked_at is not None:
            spoken[3 * place + 1] = catalog.title(looked_at)


def _with_segments(scored: Scored, told: dict[int, Told], bits: Sequence[int], trending: int) -> dict[int, Told]:
    """Say last of what was proposed because it trends in a segment of the person's that it does: a reason to be there, not of the score.

    `trending` is the bit of the source that proposes it.
    """
    frame = scored.frame
    crowd = frame.crowd
    if not crowd.heat.of_segments:
        return told
    segments: dict[int, Mapping[int, str]] = {}
    for position in [each for each in told if bits[each] & trending]:
        person = int(frame.person[position])
        if person not in segments:
            found = reversed(trending_for(crowd, person))
            segments[person] = {row: crowd.trends.of_segments[key].name for key, rows in found for row in rows}
        segment = segments[person].get(int(frame.row[position]))
        if segment is not None:
            told[position] = (*told[position], TRENDING_IN_SEGMENT, segment, 0.0)
    return told


def _with_overrides(scored: Scored, told: dict[int, Told]) -> dict[int, Told]:
    """Say of what colleagues pinned or boosted that they did, and how many logits it is worth."""
    frame = scored.frame
    for person, overrides in enumerate(frame.crowd.overrides):
        for override in overrides:
            for position in positions_of(frame, person, override.item_id):
                if position in told:
                    told[position] = (OVERRIDE, "", override.logits, *told[position])
    return told


@lru_cache(maxsize=8)
def _source_names(names: tuple[str, ...]) -> list[str]:
    """Answer for each combination of sources the name of the first."""
    return [names[(bits & -bits).bit_length() - 1] for bits in range(1 << len(names))]
