"""The API in memory: everything it needs, with nothing behind it that outlives the test."""

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from api.app import create_app
from api.archive import MemoryArchive
from api.callers import Ids
from api.engine import Current
from api.gate import Gate
from api.given import Given
from api.keys import KeyRing, demo_keys
from api.memory_log import MemoryLog
from api.processor import passing_processor
from api.seen import MemorySeen, SeenMessages
from api.visitors import VisitorIds
from catalog.index import Catalog
from profiles.fold import fold
from profiles.identity import Link, link_of
from profiles.memory_store import MemoryStore
from profiles.sections import EMPTY, decode_section, encode_section
from profiles.store import Advance, Commit, ProfileStore, TopicPartition
from schemas.content import Content
from schemas.erasing import erasure_in
from schemas.events import event_of
from schemas.jobs import Job, Place, Salary
from schemas.messages import Message, decode_message
from schemas.privacy import Privacy
from schemas.restoring import restoring_in
from schemas.topics import CANDIDATE_TOPICS
from scorers.models import PriorModel
from scorers.policy import Policy

VISITOR_KEYS = {"v2": b"2" * 32, "v1": b"1" * 32}
NOON = 1_795_435_200_000
"""2026-11-23T12:00:00Z"""


PROCESSOR = passing_processor("door", at=datetime.now(UTC))
GRANTING = Privacy(defaults=dict.fromkeys(("demo", "demo-server"), frozenset({"personalization"})))
"""As the demo has it: who was not asked has agreed to what the site sees."""


@dataclass
class Clock:
    now: int = NOON

    def __call__(self):
        return self.now


@dataclass(repr=False)
class Door:
    """An app and what stands behind it; `http` speaks to it without a socket.

    It has no generated repr: Python 3.11's asyncio draws a fixture's task with its result whenever a runner takes over
    Ctrl-C, and a catalogue's columns take 20 ms to draw.
    """

    log: Any = field(default_factory=MemoryLog)
    seen: SeenMessages = field(default_factory=MemorySeen)
    store: ProfileStore = field(default_factory=MemoryStore)
    catalog: Catalog = field(default_factory=lambda: Catalog(keep_documents=True))
    clock: Callable[[], int] = field(default_factory=Clock)
    options: dict = field(default_factory=dict)
    http: httpx.AsyncClient = field(init=False)

    def __post_init__(self):
        self.current = Current(catalog=self.catalog, policy=Policy(), model=PriorModel())
        self.app = create_app(
            Given(
                **{
                    "gate": a_gate(),
                    "log": self.log,
                    "seen": self.seen,
                    "store": self.store,
                    "current": self.current,
                    "archive": MemoryArchive(self.log),
                    "clock": self.clock,
                    "budget_ms": 1000,  # what is decided is tested, not how soon: a busy machine takes longer than 30 ms
                    "least_members": 1,
                    # On a busy machine calls wait; a test that is about that says how long they may.
                    "longest_wait": 60.0,
                    "privacy": GRANTING,
                    "processor": PROCESSOR,
                    **self.options,
                }
            )
        )

        # Nobody folds here unless a test does.
        self.app.state.ports.erasure.patience = 0.05

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Door"]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.app.router.lifespan_context(self.app))
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            self.http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://door"))
            yield self

    async def post(self, path, body, *, key="pk_demo", **headers):
        """Post a body, bytes as they are, anything else as JSON; `key` None sends none."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return await self.http.post(path, content=content, headers={**basic(key), **_dashed(headers)})

    async def get(self, path, *, key="sk_demo", **headers):
        return await self.http.get(path, headers={**basic(key), **_dashed(headers)})

    async def decide(self, *selectors, key="pk_demo", **body):
        answer = await self.post("/v1/decide", {"selectors": list(selectors or ["jobs"]), **body}, key=key)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def messages(self) -> list[Message]:
        """What lies on the candidate topics."""
        records = [record for topic in CANDIDATE_TOPICS for record in self.log.of(topic)]
        return [
            decode_message(record.value)
            for record in records
            if not record.value.startswith((b'{"erase"', b'{"restore"'))
        ]

    async def fold(self):
        """Do what the agents do, short of deciding: every record of the log ends in its section."""
        sections: dict[Any, Any] = {}
        links = []
        following: dict[TopicPartition, int] = {}
        erased: dict[str, int] = {}
        gone: set[Any] = set()
        for at, record in self.log.records:
            if at.topic not in CANDIDATE_TOPICS:
                continue
            if (at_ := erasure_in(record.value)) is not None:
                sections.pop((at.topic, record.key.decode()), None)
                erased[record.key.decode()] = at_
                gone.add((at.topic, record.key.decode()))
                following[TopicPartition(at.topic, at.partition)] = at.offset + 1
                continue
            if (restored := restoring_in(record.value)) is not None:
                section = decode_section(at.topic, restored[0])
                sections.setdefault((at.topic, record.key.decode()), (at.offset, section))
                links += [Link(*link) for link in restored[1]]
                following[TopicPartition(at.topic, at.partition)] = at.offset + 1
                continue
            message = decode_message(record.value)
            key = (at.topic, message.candidate_id)
            before = sections.get(key, (0, EMPTY[at.topic]))[1]
            sections[key] = (at.offset, fold(before, event_of(message)))
            links += [link for link in [link_of(message)] if link]
            following[TopicPartition(at.topic, at.partition)] = at.offset + 1
        stored = await self.store.checkpoints(following)
        moves = {at: Advance(stored[at], offset) for at, offset in following.items() if stored[at] != offset}
        encoded = {key: (offset, encode_section(section)) for key, (offset, section) in sections.items()}
        await self.store.forget(erased)
        gone -= sections.keys()
        await self.store.commit(Commit(await self.store.generation(), moves, encoded, links, deleted=list(gone)))

    def offer(self, *jobs: Job, content: tuple[Content, ...] = ()):
        for job in jobs:
            self.catalog.apply_job(job.id, job)
        for item in content:
            self.catalog.apply_content(item.id, item)
        self.catalog.settle()


def a_gate(keys: KeyRing | None = None, *, only_signed: bool = False, **tokens: Any) -> Gate:
    """A gate whose anonymous ids are signed with a key of the tests."""
    return Gate(keys or demo_keys(), Ids(VisitorIds(VISITOR_KEYS), only_signed), **tokens)


def basic(key):
    return {} if key is None else {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def a_job(job_id="j1", *, title="Registered Nurse", days_old=1, **members):
    return Job(
        **{
            "id": job_id,
            "title": title,
            "employer": "City Hospital",
            "description": "<p>Care.</p>",
            "places": (Place(locality="Brooklyn", region="NY", country="US"),),
            "employment_types": ("FULL_TIME",),
            "categories": ("Health",),
            "skills": ("nursing",),
            "salary": Salary(90_000.0, 110_000.0, "USD", "YEAR"),
            "occupation": "Registered Nurses",
            "posted_at": NOON - days_old * 86_400_000,
            **members,
        }
    )


def a_hero(content_id="hero-1", **members):
    return Content(
        **{"id": content_id, "kind": "hero", "title": "Care for Brooklyn", "payload": {"headline": "Hi"}, **members}
    )


def _dashed(headers):
    return {name.replace("_", "-"): value for name, value in headers.items()}
