"""Telling Kafka what was decided: beside the deciding, in its order, as much at once as has come together."""

import asyncio
from collections.abc import Mapping, Sequence

from profiles.store import ProfileStore, SectionKey
from schemas.topics import TopicNames
from streams.outgoing import DecisionLog, outgoing
from streams.sink import Outgoing, Sink

GATHERED_SECONDS = 0.02
"""How long news is gathered before it is sent: nobody waits for it, and a record alone costs as much as twenty together."""
UNTOLD = 256
"""Sections whose decisions may be untold before whoever decides has to wait."""


class Teller:
    """Sends news, and settles in the store what was sent. What fails is raised to whoever comes next."""

    def __init__(self, *, store: ProfileStore, sink: Sink, names: TopicNames, log: DecisionLog) -> None:
        self._store = store
        self._sink = sink
        self._names = names
        self._log = log
        self._news: dict[str, bytes] = {}
        self._marks: dict[SectionKey, int] = {}
        self._untold = 0
        self._under_way: asyncio.Task[None] | None = None

    async def take(self, news: Mapping[str, bytes], marks: Mapping[SectionKey, int]) -> None:
        """Take news over. Once Kafka has it, people are settled as decided for up to their marks."""
        if self._untold >= UNTOLD:
            await self.told()
        self._news.update(news)
        self._marks.update(marks)
        self._untold += len(marks)
        if self._under_way is None or self._under_way.done():
            self._check()
            self._under_way = asyncio.create_task(self._tell_gathered())

    async def told(self) -> None:
        """Wait until Kafka has everything that was taken over so far."""
        if self._under_way is not None:
            await asyncio.wait([self._under_way])
            self._check()

    async def tell(self, news: Mapping[str, bytes]) -> None:
        """Send news now, and settle it."""
        if news:
            await self._send([outgoing(self._names, *each) for each in news.items()])
            await self._store.settle_news(news)

    async def anchor(self, now: int) -> None:
        """Say how far the log's chains have come, when everything was told."""
        if anchors := self._log.anchors(now):
            await self._sink.send(anchors)

    async def close(self, now: int) -> None:
        """Wait until Kafka has everything, and say that nothing more comes."""
        await self.told()
        await self._sink.send(self._log.close(now))

    async def _tell_gathered(self) -> None:
        while self._news or self._marks:
            await asyncio.sleep(GATHERED_SECONDS)
            news, self._news = self._news, {}
            marks, self._marks = self._marks, {}
            try:
                await self.tell(news)
                await self._store.settle(marks)
            finally:
                self._untold = len(self._marks)

    def _check(self) -> None:
        done, self._under_way = self._under_way, None
        if done is not None:
            done.result()

    async def _send(self, records: Sequence[Outgoing]) -> None:
        try:
            await self._sink.send(records, self._log.linked)
        except BaseException:
            self._log.not_sent()
            raise
