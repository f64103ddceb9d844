"""What waits for Kafka, kept beside this process's memory: only while it waits, so that it costs nothing as long as Kafka is there."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import takewhile

import structlog

from api.errors import StoreAway
from api.log import Record
from api.metrics import Metrics
from api.outbox import Kind, Outbox, candidate_of, kind_of, news_id, record_of
from profiles.erasures import Erasures

AT_ONCE = 256
"""Records of one exchange with the outbox."""

_line = structlog.get_logger("api.keeping")


class Keeping:
    """Knows which records the outbox has. `is_listed` says whether it is known by now who was erased."""

    def __init__(self, outbox: Outbox, erasures: Erasures, is_listed: Callable[[], bool], metrics: Metrics) -> None:
        self._outbox = outbox
        self._erasures = erasures
        self._is_listed = is_listed
        self._metrics = metrics
        self._ids: dict[Record, str] = {}
        self._unsettled: list[str] = []
        self._inherited: list[str] = []

    async def keep(self, waiting: Mapping[Kind, Sequence[Record]]) -> bool:
        """Keep what waits, queues with the newest last; say whether all of it is kept now."""
        missing = {news_id(record, kind): record for kind, queue in waiting.items() for record in self.missing(queue)}
        ids, kept = list(missing), 0
        with suppress(StoreAway):
            # Also without any: what was kept before is this process's own as long as it says that it lives.
            for start in range(0, max(len(ids), bool(self._ids or self._inherited)), AT_ONCE):
                some = ids[start : start + AT_ONCE]
                if not await self._outbox.keep({each: missing[each].value for each in some}):
                    break
                self._ids |= {missing[each]: each for each in some}
                kept += len(some)
        self._metrics.decisions_unkept.set(len(ids) - kept)
        return kept == len(ids)

    def missing(self, queue: Sequence[Record]) -> list[Record]:
        """Answer what is in this process alone. Whatever waits longer than one that is kept is kept, too."""
        return list(takewhile(lambda record: record not in self._ids, reversed(queue)))[::-1]

    def is_erased(self, record: Record) -> bool:
        """Say whether a record was kept and is of somebody who was erased since: it does not come back from there."""
        return (
            bool(self._ids) and record in self._ids and self._erasures.takes_back(candidate_of(record), record.at or 0)
        )

    async def settle(self, told: Sequence[Record], *, but: Sequence[Record] = ()) -> None:
        """Take out what Kafka has, or is not to have; what the outbox cannot be told now it is told later."""
        self._metrics.decisions_unkept.set(0)
        if self._ids:
            untold = set(but)
            self._unsettled += [self._ids.pop(each) for each in told if each not in untold and each in self._ids]
        await self._settle()

    async def _settle(self) -> None:
        if self._unsettled:
            with suppress(StoreAway):
                await self._outbox.settle_news(self._unsettled)
                self._unsettled = []

    async def inherited(self) -> Sequence[tuple[Kind, Record]]:
        """Answer some of what a process that died had to tell, decisions before answers; nothing once all of it was answered."""
        await self._settle()
        if self._ids or self._unsettled or not self._is_listed():
            return ()
        with suppress(StoreAway):
            if not self._inherited:
                self._inherited = await self._outbox.inherit()
                if self._inherited:
                    _line.info("inherited", news=len(self._inherited))
            found = await self._outbox.news(self._inherited[:AT_ONCE]) if self._inherited else {}
            self._inherited = self._inherited[AT_ONCE:]
            records = {each: record_of(each, value) for each, value in found.items()}
            self._ids = {record: each for each, record in records.items()}
            return [(kind_of(each), record) for each, record in records.items()]
        return ()

    async def leave(self) -> None:
        """Let another process tell what is left."""
        if self._ids or self._inherited:
            with suppress(StoreAway):
                await self._outbox.leave()
