"""What was served of late, so that `POST /v1/engagements` can say which items a decision's slots held."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from api.archive import DecisionArchive
from api.choices import Laid
from schemas.deciding import Engagement
from schemas.messages import CandidateId

_LIMIT = 20_000
_SEPARATOR = "\n"
"""No id has one: the collector and the catalogue refuse control characters."""


@dataclass(frozen=True, slots=True)
class ServedChoice:
    """A choice as it was served: to whom, of which kind, and the ids in the order of the slots."""

    candidate: CandidateId
    kind: str
    items: tuple[str, ...]

    def slots(self, slot_ids: Sequence[str]) -> tuple[str, ...]:
        """Answer the items in these slots; all of them when none is named."""
        if not slot_ids:
            return self.items
        numbers = [int(number) for slot in slot_ids if (number := slot.rpartition(".")[2]).isdecimal()]
        return tuple(self.items[number - 1] for number in numbers if 0 < number <= len(self.items))


class ServedChoices:
    """The newest choices of this process; older ones, and other processes', are read from the decision log."""

    def __init__(self, archive: DecisionArchive) -> None:
        self._archive = archive
        # Text, not objects: the garbage collector need not walk it.
        self._choices: OrderedDict[str, str] = OrderedDict()

    def remember(self, candidate: CandidateId, laid: Iterable[Laid]) -> None:
        for each in laid:
            if each.choice is not None:
                ids = [item.id for item in each.choice.items]
                self._choices[each.id] = _SEPARATOR.join((candidate, each.choice.kind, *ids))
        while len(self._choices) > _LIMIT:
            self._choices.popitem(last=False)

    async def find(self, decision_id: str) -> ServedChoice | None:
        """Answer a served choice by its id; may raise StoreAway."""
        known = self._choices.get(decision_id)
        if known is not None:
            candidate, kind, *items = known.split(_SEPARATOR)
            return ServedChoice(candidate, kind, tuple(items))
        record = await self._archive.find(decision_id)
        return None if record is None else _read(record, decision_id)


def messages_for(engagement: Engagement, choice: ServedChoice, user: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Answer the tracking messages that say the same in events."""
    items = choice.slots(engagement.slot_ids)
    about = {"decision_id": engagement.decision_id}
    if engagement.type == "REWARD":
        return [_track("Decision Rewarded", {**about, "value": engagement.value}, user)]
    shown = engagement.type in ("IMP", "SLOT_IMP")
    if choice.kind == "CONTENT":
        event = "Content Shown" if shown else "Content Clicked"
        return [_track(event, {**about, "content_id": item}, user) for item in items]
    if shown:
        return [_track("Job Shown", {**about, "job_ids": list(items)}, user)] if items else []
    return [_track("Job Viewed", {**about, "job_id": item}, user) for item in items]


def _track(event: str, properties: dict[str, Any], user: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "track", "event": event, "properties": properties, **user}


def _read(value: bytes, decision_id: str) -> ServedChoice | None:
    record = orjson.loads(value)
    for choice in record.get("choices", ()):
        if choice["id"] == decision_id:
            return ServedChoice(record["candidate"], choice["kind"], tuple(item["id"] for item in choice["items"]))
    return None
