"""Consent records: signed, never overwritten, and found by a person's pseudonym."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from redis.asyncio import Redis

from api.cloudevents import rfc3339
from api.master_keys import MasterKeys
from api.redis_asking import asking
from profiles.pseudonym import pseudonym
from schemas.consent_record import Told, consent_record
from schemas.events import ConsentChanged
from schemas.messages import Message
from schemas.privacy import Privacy

_AWAY = "the store of consent records does not answer"

_PURPOSE = "consent records"
PROOF = "sec:proof"


class RecordStore(Protocol):
    """Keeps records by a person's pseudonym. Every method may raise StoreAway."""

    async def add(self, name: str, record_id: str, record: bytes) -> None:
        """Keep a record unless there is one of that id: a record is never changed."""
        ...

    async def of(self, names: Sequence[str]) -> list[bytes]:
        """Answer everything that is kept of these pseudonyms."""
        ...

    async def forget(self, names: Sequence[str]) -> None:
        """Delete the records of people who were erased."""
        ...


class ConsentRecords:
    """Writes and reads signed records. The key follows from the master key, and its public half is published."""

    def __init__(self, store: RecordStore, masters: MasterKeys, privacy: Privacy) -> None:
        self._store = store
        self._privacy = privacy
        self._keys = {
            name: Ed25519PrivateKey.from_private_bytes(masters.derived(_PURPOSE, name)) for name in masters.keys
        }
        self._current = masters.current

    def public_keys(self) -> dict[str, str]:
        """Answer the keys that check signatures, raw in base64, by name."""
        return {
            name: base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
            for name, key in self._keys.items()
        }

    def signature(self, said: bytes) -> str:
        """Answer the current key's signature over bytes, in base64."""
        return base64.b64encode(self._keys[self._current].sign(said)).decode()

    async def add(self, told: Told) -> dict[str, Any]:
        """Sign and keep a record; answer it."""
        record = consent_record(told, self._privacy)
        signature = self.signature(_canonical(record))
        record[PROOF] = {
            "@type": "sec:Ed25519Signature",
            "sec:verificationMethod": self._current,
            "sec:signatureValue": signature,
        }
        await self._store.add(told.subject, told.record_id, orjson.dumps(record))
        return record

    async def of(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """Answer a person's records, the oldest first."""
        records = [dict(orjson.loads(each)) for each in await self._store.of(names)]
        return sorted(records, key=lambda record: (str(_time(record)), str(record["dct:identifier"])))

    async def forget(self, names: Sequence[str]) -> None:
        await self._store.forget(names)


def is_genuine(record: Mapping[str, Any], public_key: str) -> bool:
    """Say whether a record is as it was signed by the holder of a key."""
    plain = {name: value for name, value in record.items() if name != PROOF}
    try:
        signature = base64.b64decode(record[PROOF]["sec:signatureValue"])
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key)).verify(signature, _canonical(plain))
    except (InvalidSignature, KeyError, ValueError):
        return False
    return True


class RedisRecords:
    """One hash for each person, outside the generations: a replay does not touch what was signed."""

    def __init__(self, client: Redis, namespace: str = "careers", *, keep_ms: int) -> None:
        self._client = client
        self._prefix = f"{namespace}:consents:"
        self._keep_ms = keep_ms

    async def add(self, name: str, record_id: str, record: bytes) -> None:
        key = self._prefix + name
        with asking(_AWAY):
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.hsetnx(key, record_id, cast("Any", record))
                pipe.pexpire(key, self._keep_ms)
                await pipe.execute()

    async def of(self, names: Sequence[str]) -> list[bytes]:
        with asking(_AWAY):
            async with self._client.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.hvals(self._prefix + name)
                return [record for records in await pipe.execute() for record in records]

    async def forget(self, names: Sequence[str]) -> None:
        if names:
            with asking(_AWAY):
                await self._client.delete(*[self._prefix + name for name in names])


class MemoryRecords:
    """For dry runs, the demo and tests."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, bytes]] = {}

    async def add(self, name: str, record_id: str, record: bytes) -> None:
        self._kept.setdefault(name, {}).setdefault(record_id, record)

    async def of(self, names: Sequence[str]) -> list[bytes]:
        return [record for name in names for record in self._kept.get(name, {}).values()]

    async def forget(self, names: Sequence[str]) -> None:
        for name in names:
            self._kept.pop(name, None)


def _time(record: Mapping[str, Any]) -> object:
    return next((status["dpv:isIndicatedAtTime"] for status in record["dpv:hasConsentStatus"]), "")


def _canonical(record: Mapping[str, Any]) -> bytes:
    return orjson.dumps(dict(record), option=orjson.OPT_SORT_KEYS)


def told_in(message: Message, event: ConsentChanged) -> Told:
    """Answer what a message told, as it goes on record."""
    said = {name: value for name, value in message.properties.items() if isinstance(value, str)}
    return Told(
        record_id=message.message_id,
        subject=pseudonym(message.candidate_id),
        at=rfc3339(message.event_time),
        channel=message.source,
        purposes=event.purposes,
        method=said.get("method", "")[:100],
        language=said.get("language", "")[:35],
        notice_version=said.get("notice_version", "")[:60],
        notice_hash=said.get("notice_hash", "")[:128],
    )
