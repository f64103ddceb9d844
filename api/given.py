"""What the roof hands in: everything that the app cannot make itself, and what it may be told otherwise."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from api.addresses import Index, MemoryIndex
from api.appeals import AppealBook
from api.archive import DecisionArchive
from api.callbacks import MemoryQueue, NoSender, Queue, Sender
from api.consent_records import ConsentRecords
from api.decide import DEFAULT_BUDGET_MS
from api.engine import Current
from api.enriching import Enriching
from api.gate import Gate
from api.intake import Limits
from api.log import EventLog
from api.master_keys import new_master_keys
from api.metrics import Metrics
from api.outbox import MemoryOutbox, Outbox
from api.personal_keys import MemoryPersonalKeys
from api.probes import Probe
from api.processor import Processor
from api.replies import Replies
from api.requests import MemoryRequests, Requests
from api.retention import Retention
from api.seen import SeenMessages
from api.shedding import DEFAULT_LONGEST_WAIT
from api.undecided import Undecided
from api.vault import Vault
from profiles.erasures import Erasures
from profiles.store import ProfileStore
from schemas.privacy import Privacy
from scorers.override_book import OverrideBook


def _passing_vault() -> Vault:
    return Vault(MemoryPersonalKeys(), new_master_keys())


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an app is made of. What is not given lies in memory and ends with the process, or is not offered."""

    gate: Gate
    log: EventLog
    seen: SeenMessages
    store: ProfileStore
    undecided: Undecided = field(default_factory=Undecided)
    """Kept up to date by whoever hands `store` in."""
    current: Current
    """What decisions are made with; its members may be swapped while the app runs."""
    archive: DecisionArchive
    clock: Callable[[], int]
    """Answers the time in milliseconds."""
    behind: EventLog | None = None
    """Takes what is written after an answer, so that events need not queue with it; `log` does unless given."""
    outbox: Outbox = field(default_factory=MemoryOutbox)
    """Keeps that while `behind` is away."""
    is_listed: Callable[[], bool] = lambda: True
    """Says whether it is known by now who was erased."""
    resources: Sequence[AbstractAsyncContextManager[object]] = ()
    """Entered in order before the first request, and left in reverse after the last."""

    limits: Limits = field(default_factory=Limits)
    budget_ms: int = DEFAULT_BUDGET_MS
    longest_wait: float = DEFAULT_LONGEST_WAIT
    """Seconds that a call may wait before others are shed."""
    least_members: int = 50
    """How many people a segment needs before it may leave the house."""
    reading: asyncio.Lock | None = None
    """Held by whoever changes the catalogue beside the app."""

    privacy: Privacy = field(default_factory=Privacy)
    vault: Vault = field(default_factory=_passing_vault)
    erasures: Erasures = field(default_factory=Erasures)
    """Kept up to date by whoever hands it in, as are `overrides` and `appeals`."""
    addresses: Index = field(default_factory=MemoryIndex)
    consent_records: ConsentRecords | None = None
    requests: Requests = field(default_factory=MemoryRequests)
    callbacks: Queue = field(default_factory=MemoryQueue)
    sender: Sender = field(default_factory=NoSender)
    processor: Processor | None = None
    """Signs OpenDSR answers; without one none are given."""
    swept: Callable[[Retention], AbstractAsyncContextManager[None]] = lambda _: nullcontext()
    """Has the sweep of what is past due made while the app runs."""
    overrides: OverrideBook = field(default_factory=OverrideBook)
    appeals: AppealBook = field(default_factory=AppealBook)
    enriching: Enriching | None = None
    replies: Replies = field(default_factory=Replies)

    metrics: Metrics = field(default_factory=Metrics)
    probes: Mapping[str, Probe] = field(default_factory=dict)
    site: Path | None = None
    """A folder of static files to serve at `/`."""
    document: bool = True
    """Whether `/openapi.json` is answered: outside of development it helps those who look for holes."""
    version: str = "0"
