"""Faust's consumer, standing where the store's checkpoints say, and handing over whole fetches.

Two parts of Faust 0.15 are replaced. Its seek goes to Kafka's committed offset; ours to the store's checkpoint. Its delivery costs some
85 µs a record and keeps one acknowledgement a record, which is where its known losses come from; ours hands an agent everything that
one fetch brought as a single event and acknowledges that.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport, ensure_aiokafka_TP
from faust.types import TP
from faust.types.tuples import ConsumerMessage, Message
from mode.utils.futures import notify

from streams.records import Record

log = structlog.get_logger("streams.consumer")


class CheckpointApp(Protocol):
    """What the consumer asks of its app."""

    fetch_wait_ms: int | None

    async def seek_positions(self, assigned: set[TP]) -> Mapping[TP, int]:
        """Answer the offset to read next of each assigned partition."""
        ...


class Fetch(ConsumerMessage):
    """What one fetch brought, as the one message that Faust passes to the agent."""

    __slots__ = ("epoch", "runs")

    def __init__(self, epoch: int, runs: Mapping[TP, Sequence[Record]], generation: int) -> None:
        tp, first = next((tp, records[0]) for tp, records in runs.items())
        super().__init__(
            tp.topic, tp.partition, first.offset, 0.0, 0, None, None, b"", None, 0, 0, tp, generation_id=generation
        )
        self.epoch = epoch
        self.runs = runs


class PatientThread(AIOKafkaConsumerThread):
    """Faust's own wait for a fetch is 1.5 s, which a broker that answers empty fetches only after it turns into latency."""

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        wait_ms = cast("CheckpointApp", self.app).fetch_wait_ms
        if wait_ms is not None:
            consumer._fetch_max_wait_ms = wait_ms  # noqa: SLF001  # Faust builds it without asking
        return consumer


class CheckpointConsumer(Consumer):
    """Delivers fetches of the current `epoch`; a seek begins the next one, and what was fetched before it is stale."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.epoch = 0
        self._seeking = asyncio.Lock()
        self._handled: dict[TP, int] = {}

    def _new_consumer_thread(self) -> PatientThread:
        return PatientThread(self, loop=self.loop, beacon=self.beacon)

    async def perform_seek(self) -> None:
        """Seek to the store's checkpoints, before or after whatever Kafka thinks was committed."""
        async with self._seeking:
            # Twice: a fetch that was under way on either side of the seek belongs to neither epoch.
            self.epoch += 1
            assigned = self.assignment()
            positions = dict(await cast("CheckpointApp", self.app).seek_positions(assigned)) if assigned else {}
            if positions:
                await self.seek_wait(positions)
            self._handled = {}
            self._committed_offset.update(positions)
            self.epoch += 1

    async def _drain_messages(self, fetcher: Any) -> None:
        doubt = False
        try:
            while not (self.should_stop or fetcher.should_stop):
                if doubt:
                    # Something was fetched that nobody will see: Kafka's position is past it, so back to the checkpoint.
                    await self.wait_first(self.can_resume_flow.wait())
                    await self.perform_seek()
                epoch = self.epoch
                records, _ = await self._wait_next_records(timeout=1.0)
                doubt = bool(records) and (not self.flow_active or self._seeking.locked() or epoch != self.epoch)
                if records and not doubt and not self.should_stop:
                    doubt = not await self._deliver(Fetch(epoch, records, self.app.consumer_generation_id))
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise

    async def _deliver(self, fetch: Fetch) -> bool:
        """Hand a fetch to the agent; waits while its queue is full. False when a rebalance came in between."""
        delivered = await self.wait_first(self.callback(fetch), self.suspend_flow.wait())
        return not self.suspend_flow.is_set() and not delivered.stopped

    def ack(self, message: Message) -> bool:
        """Note that a fetch was applied: fetches are acknowledged in order, so the newest says it all."""
        if message.acked:
            return False
        message.acked = True
        self._unacked_messages.discard(message)
        if isinstance(message, Fetch) and message.epoch == self.epoch:
            self._handled.update({tp: records[-1].offset + 1 for tp, records in message.runs.items()})
        notify(self._waiting_for_ack)
        return True

    def on_buffer_full(self, tp: TP) -> None:
        """Leave the partition assigned: a full queue holds up the fetching itself."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing was taken away."""

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (tp for tp in list(self._handled) if topics is None or tp in topics or tp.topic in topics)

    def _filter_committable_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        return {tp: self._handled[tp] for tp in tps if self._handled[tp] != self._committed_offset[tp]}

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Tell Kafka how far we are: for lag tools, nothing of ours depends on it."""
        try:
            assigned = self.assignment()
            told = {ensure_aiokafka_TP(tp): offset for tp, offset in offsets.items() if tp in assigned}
            if told:
                await self._thread.call_thread(self._thread._ensure_consumer().commit, told)  # noqa: SLF001  # Faust has no other door
        except KafkaError as error:
            log.info("offsets_not_committed", problem=type(error).__name__)
            return False
        return True

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust's livelock detector cries wolf; `streams.watchdog` looks at the checkpoints instead."""


class CheckpointTransport(Transport):
    Consumer = CheckpointConsumer
