"""What people were shown: every posting of every served list, or of those lists that the page says were on screen."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from learning.log import Log
from learning.outcomes import Happened
from schemas.served import ServedChoice, ServedDecision, decode_served
from schemas.topics import Topic


class Exposure(NamedTuple):
    """One posting in front of one person at one place (1 is first) of a list."""

    at: int
    list_number: int
    position: int
    job_id: str
    propensity: float


@dataclass(frozen=True, slots=True)
class ShownList:
    """A served list of postings, to whom and out of which decision."""

    choice_id: str
    base: str
    person: str
    at: int
    selector: str
    model: str
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exposures:
    """All lists, and what stood in them, list by list in the order of time."""

    lists: tuple[ShownList, ...]
    rows: tuple[Exposure, ...]
    ungranted: int
    """Lists of people who did not let models learn from them: left out, for their silence would look like a no."""
    reported: bool
    """Whether pages report what was on screen (`Job Shown`); then unreported lists are left out."""


def read_exposures(log: Log, happened: Happened) -> Exposures:
    """Read the served lists of jobs."""
    everything = sorted(_served_jobs(log), key=lambda pair: (pair[0].at, pair[1].id))
    served = [pair for pair in everything if happened.may_learn_from(pair[0].candidate_id)]
    on_screen: dict[str, set[str]] = {}
    for shown in happened.shown:
        on_screen.setdefault(shown.choice_id, set()).update(shown.job_ids)
    reported = any(choice.id in on_screen for _, choice in served)
    lists: list[ShownList] = []
    rows: list[Exposure] = []
    for decision, choice in served:
        visible = on_screen.get(choice.id, set()) if reported else {item.id for item in choice.items}
        if visible:
            rows.extend(_rows(decision.at, len(lists), choice, visible))
            lists.append(_list(decision, choice, happened))
    return Exposures(tuple(lists), tuple(rows), len(everything) - len(served), reported)


def _served_jobs(log: Log) -> Iterator[tuple[ServedDecision, ServedChoice]]:
    known: set[str] = set()
    for record in log.records(Topic.DECISIONS):
        decision = decode_served(record.value) if record.value else None
        for choice in decision.choices if decision else ():
            # What Kafka did not acknowledge in time is logged again under the same id.
            if decision is not None and choice.kind == "RECS" and choice.items and choice.id not in known:
                known.add(choice.id)
                yield decision, choice


def _rows(at: int, number: int, choice: ServedChoice, visible: Iterable[str]) -> Iterator[Exposure]:
    for position, item in enumerate(choice.items, 1):
        if item.id in visible:
            yield Exposure(at, number, position, item.id, item.propensity)


def _list(decision: ServedDecision, choice: ServedChoice, happened: Happened) -> ShownList:
    return ShownList(
        choice_id=choice.id,
        base=decision.base,
        person=happened.person(decision.candidate_id),
        at=decision.at,
        selector=choice.selector,
        model=decision.model,
        segments=decision.segments,
    )
