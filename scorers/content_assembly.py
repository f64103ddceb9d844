"""From columns to the content that is kept: items, with reasons for those that a page shows first."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np

from catalog.dictionary import Dictionary
from schemas.decision import Choice, RankedItem, Reason
from scorers.assembly import MAKE_ITEM, MAKE_REASON
from scorers.contents import ContentScores, Slots
from scorers.crowd import Crowd
from scorers.models import probability
from scorers.reasons import LEAST_TOLD

TOLD_LIMIT = 2
_TOLD = ("stated", "liked", "stage", "segment", "priority")
_CODE = ("stated_preference", "", "application_stage", "segment", "editorial")
"""The reason of each of _TOLD; what is liked is told by the dimension of the facet that suits."""
_LIKED_CODE = {
    "occupation": "same_occupation", "category": "same_occupation", "place": "place_match", "employer": "employer_interest",
    "skill": "skill_interest", "pay": "pay_band",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ContentChoices:
    """Writes the choices of the content selectors, person by person."""

    slots: Slots
    items: list[RankedItem]
    """Everybody's kept places, one person after the other; what stands at an empty place is not to be shown."""
    empty: list[bool]

    def of(self, person: int) -> list[Choice]:
        width = self.slots.lines.shape[1]
        items, empty = self.items, self.empty
        choices = []
        for selector, places in zip(self.slots.selectors, self.slots.places, strict=True):
            mine = range(person * width + places.start, person * width + places.stop)
            choices.append(Choice(selector.name, "CONTENT", tuple([items[at] for at in mine if not empty[at]])))
        return choices


def content_choices(crowd: Crowd, scores: ContentScores, slots: Slots) -> ContentChoices:
    """Make every item that is kept, in columns up to the last step."""
    lines = slots.lines
    kept = (np.arange(len(crowd))[:, None], lines)
    ids = [item.id for item in scores.columns.items]
    names = [ids[line] for line in lines.ravel().tolist()]
    told = _reasons(scores, slots, crowd.catalog.dictionary)
    shown = np.round(probability(scores.logit[kept]), 4).ravel().tolist()
    items: list[RankedItem] = list(
        map(MAKE_ITEM, zip(names, shown, repeat(1.0), _sources(slots, names), told, strict=False))
    )
    return ContentChoices(slots, items, (lines < 0).ravel().tolist())


def _sources(slots: Slots, names: Sequence[str]) -> Sequence[str]:
    if not any(slots.pinned):
        return ["content"] * len(names)
    width = slots.lines.shape[1]
    pinned = [
        pins for pins, places in zip(slots.pinned, slots.places, strict=True) for _ in range(places.start, places.stop)
    ]
    return ["pin" if name in pinned[at % width] else "content" for at, name in enumerate(names)]


def _reasons(scores: ContentScores, slots: Slots, dictionary: Dictionary) -> list[tuple[Reason, ...]]:
    """Answer the heaviest parts of each kept place as reasons; most places have none."""
    lines = slots.lines
    reasons: list[tuple[Reason, ...]] = [()] * lines.size
    first = chain.from_iterable(
        range(places.start, min(places.start + selector.explained, places.stop))
        for selector, places in zip(slots.selectors, slots.places, strict=True)
    )
    places = np.array(list(first), np.int64)
    people = np.arange(len(lines))[:, None]
    told = lines[:, places]
    parts = np.round(np.stack([scores.parts[name][people, told] for name in _TOLD], axis=2), 3)
    parts[told < 0] = 0.0
    person, place = np.nonzero((parts >= LEAST_TOLD).any(axis=2))
    heavy = parts[person, place]
    top = np.argsort(-heavy, axis=1, kind="stable")[:, :TOLD_LIMIT]
    weights = np.take_along_axis(heavy, top, axis=1).tolist()
    best = [scores.best_facet(*at) for at in zip(person.tolist(), told[person, place].tolist(), strict=True)]
    at = (person * lines.shape[1] + places[place]).tolist()
    for position, kinds, some, code in zip(at, top.tolist(), weights, best, strict=True):
        reasons[position] = tuple(
            [
                MAKE_REASON(_spoken(kind, weight, code, dictionary))
                for kind, weight in zip(kinds, some, strict=True)
                if weight >= LEAST_TOLD
            ]
        )
    return reasons


def _spoken(kind: int, weight: float, code: int, dictionary: Dictionary) -> tuple[str, str, float]:
    if kind > 1:
        return _CODE[kind], "", weight
    named = _CODE[kind] or _LIKED_CODE.get(dictionary.dimension(code), "similar_to_viewed")
    return named, dictionary.label(code), weight
