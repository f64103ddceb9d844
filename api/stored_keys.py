"""Keys that are made, replaced and revoked while the house runs: what is kept of each, and where."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self

import orjson
import structlog

from api.keys import PREFIXES, Key, KeyKind, KeyRing, UnusableKeys, checked, digest_of

SECRET_BYTES = 24
REFRESH_SECONDS = 1.0
"""How long a key that was made, or revoked, may be news to an API process."""
_SHOWN = 4

log = structlog.get_logger("api.keys")


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as it is kept: its hash, and of its text the kind and the last four characters. Times in seconds."""

    id: str
    key: Key
    shown: str
    created_at: int
    ends_at: int | None = None

    def holds(self, now: float) -> bool:
        return self.ends_at is None or now < self.ends_at


class KeysAway(Exception):
    """The store of keys does not answer."""


class UnknownKeyId(LookupError):
    """No key is kept under this id."""


class AlreadyReplaced(ValueError):
    """A key that has a successor already: two are live, and a third would be one too many to keep track of."""


class KeyStore(Protocol):
    """Keeps the keys. Every method may raise KeysAway."""

    async def version(self) -> int:
        """Answer a number that changes with every write."""
        ...

    async def records(self) -> Sequence[KeyRecord]:
        """Answer all keys, oldest first."""
        ...

    async def write(self, *records: KeyRecord) -> None:
        """Keep these, all or none, in place of those with the same ids."""
        ...

    async def remove(self, key_id: str) -> bool:
        """Forget a key; say whether there was one."""
        ...


@dataclass(slots=True)
class MemoryKeys:
    """Keeps keys as long as the process."""

    kept: dict[str, KeyRecord] = field(default_factory=dict)
    writes: int = 0

    async def version(self) -> int:
        return self.writes

    async def records(self) -> Sequence[KeyRecord]:
        return in_order(self.kept.values())

    async def write(self, *records: KeyRecord) -> None:
        self.kept.update({record.id: record for record in records})
        self.writes += 1

    async def remove(self, key_id: str) -> bool:
        self.writes += 1
        return self.kept.pop(key_id, None) is not None


def new_key(key: Key, *, now: float, chance: Callable[[int], str]) -> tuple[KeyRecord, str]:
    """Answer a record and the text that is told once; `key` says everything but its digest, `chance` makes secrets."""
    text = f"{PREFIXES[key.kind]}{chance(SECRET_BYTES)}"
    made = replace(key, digest=digest_of(text))
    shown = f"{PREFIXES[key.kind]}…{text[-_SHOWN:]}"
    return KeyRecord(f"k{made.digest[:10]}", made, shown, int(now)), text


async def rotate(
    store: KeyStore, key_id: str, *, now: float, overlap: float, chance: Callable[[int], str]
) -> tuple[KeyRecord, str]:
    """Answer a key's successor; the old one holds for `overlap` more seconds."""
    old = next((record for record in await store.records() if record.id == key_id), None)
    if old is None:
        raise UnknownKeyId(f"there is no key {key_id}; `careerstream keys list` shows them")
    if old.ends_at is not None:
        raise AlreadyReplaced(f"{key_id} has a successor already; rotate that one, or revoke {key_id}")
    record, text = new_key(old.key, now=now, chance=chance)
    await store.write(record, replace(old, ends_at=int(now + overlap)))
    return record, text


def encode_record(record: KeyRecord) -> bytes:
    key = record.key
    return orjson.dumps(
        {
            "source": key.source,
            "kind": key.kind,
            "digest": key.digest,
            "origins": key.origins,
            "site": key.site,
            "scopes": key.scopes,
            "segments": key.segments,
            "shown": record.shown,
            "createdAt": record.created_at,
            "endsAt": record.ends_at,
        }
    )


def decode_record(key_id: str, value: bytes) -> KeyRecord:
    """Answer a record, or raise UnusableKeys."""
    try:
        body: Mapping[str, Any] = orjson.loads(value)
        kind: KeyKind = body["kind"]
        key = Key(
            source=body["source"],
            kind=kind,
            digest=body["digest"],
            origins=tuple(body["origins"]),
            site=body["site"],
            scopes=tuple(body["scopes"]),
            segments=tuple(body["segments"]),
        )
        checked(key, f"the key {key_id}")
        return KeyRecord(key_id, key, body["shown"], body["createdAt"], body["endsAt"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise UnusableKeys(f"the key {key_id} cannot be read: {error!r}") from error


def in_order(records: Iterable[KeyRecord]) -> list[KeyRecord]:
    return sorted(records, key=lambda record: (record.created_at, record.id))


class LiveKeys(AbstractAsyncContextManager["LiveKeys"]):
    """Keeps a ring as the store has it, beside the keys that are `fixed`; while the store is away the last reading stands."""

    def __init__(
        self,
        ring: KeyRing,
        store: KeyStore,
        *,
        fixed: Sequence[Key],
        now: Callable[[], float] = time.time,
        every: float = REFRESH_SECONDS,
    ) -> None:
        self._ring = ring
        self._store = store
        self._fixed = tuple(fixed)
        self._now = now
        self._every = every
        self._version: int | None = None
        self._records: Sequence[KeyRecord] = ()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.refresh()
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def refresh(self) -> None:
        """Read the store where it has changed, and drop the keys whose time is over."""
        before = self._version
        try:
            version = await self._store.version()
            if version != before:
                self._records = await self._store.records()
                self._version = version
        except (KeysAway, UnusableKeys) as error:
            log.warning("keys_unread", error=str(error))
        now = self._now()
        held = [record.key for record in self._records if record.holds(now)]
        if self._version != before or len(held) + len(self._fixed) != len(self._ring):
            self._ring.replace((*self._fixed, *held))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self.refresh()
