"""Sealing what names a person, and opening it again as long as the person's key exists.

Each candidate id has a key of 256 bits of its own, wrapped by the master key. A sealed value is AES-GCM over the value's JSON, bound to the
subject, the field and the topic, so that it opens nowhere else. Destroying the key is what makes every copy unreadable: in the log, in
profiles, in backups of either.
"""

import base64
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.errors import RETRY_AFTER, StoreAway
from api.master_keys import KEY_BYTES, NONCE_BYTES, MasterKeys, UnknownMasterKey
from api.personal_keys import HOUSE, PersonalKeys
from profiles.consent import without_source
from profiles.pseudonym import pseudonym
from schemas.messages import CandidateId, Message
from schemas.personal import SEALED, is_sealed, plain_name, sealed
from schemas.topics import Topic

SECONDS_KEPT = 60.0
"""How long an unwrapped key is remembered; an erasure drops it at once."""
_REMEMBERED = 50_000


class Vault:
    """Seals and opens. Every asynchronous method may raise StoreAway."""

    def __init__(self, keys: PersonalKeys, masters: MasterKeys, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._masters = masters
        self._clock = clock
        self._open: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def seal(self, message: Message, topic: Topic) -> Message:
        """Answer the message with its personal members sealed under the key of its candidate, made if there is none."""
        subject = message.candidate_id
        cipher = AESGCM(await self._own(subject))

        def seal(field: str, value: bytes) -> str:
            nonce = os.urandom(NONCE_BYTES)
            return SEALED + _written(nonce + cipher.encrypt(nonce, value, _about(subject, field, topic)))

        return sealed(message, seal)

    async def opened(
        self, traits: Mapping[str, Any], subjects: Sequence[CandidateId], topic: Topic = Topic.PROFILES
    ) -> dict[str, Any]:
        """Answer traits with what is sealed opened by one of the subjects' keys; what no key opens any more is None."""
        if not _any_sealed(traits):
            return dict(traits)
        ciphers = {subject: AESGCM(key) for subject, key in (await self._existing(subjects)).items()}
        return {name: _opened(name, value, ciphers, topic) for name, value in traits.items()}

    async def seal_value(self, subject: CandidateId, name: str, value: Any, topic: Topic = Topic.PROFILES) -> str:
        """Answer one value sealed, as it would be in a message of that topic."""
        nonce, field = os.urandom(NONCE_BYTES), plain_name(name)
        cipher = AESGCM(await self._own(subject))
        return SEALED + _written(nonce + cipher.encrypt(nonce, orjson.dumps(value), _about(subject, field, topic)))

    async def house_key(self, purpose: str) -> bytes:
        """Answer a key that is nobody's, for one purpose: kept, wrapped and rotated as personal keys are."""
        return await self._own(f"{HOUSE}{purpose}")

    async def destroy(self, subjects: Collection[CandidateId]) -> int:
        """Make everything that was sealed for these ids unreadable, for ever."""
        return await self.destroy_named([pseudonym(subject) for subject in subjects])

    async def destroy_named(self, names: Sequence[str]) -> int:
        """Do the same for pseudonyms, when a key store came back from a backup."""
        self.forget(names)
        return await self._keys.destroy(names)

    def forget(self, names: Collection[str]) -> None:
        """Drop keys that this process remembers."""
        for name in names:
            self._open.pop(name, None)

    async def rotate(self) -> int:
        """Wrap every key that an older master key wraps with the current one; answer how many that were."""
        count = 0
        async for name, wrapped in self._keys.walk():
            if not self._masters.is_current(wrapped):
                about = name.encode()
                renewed = self._masters.wrap(self._masters.unwrap(wrapped, about), about)
                count += await self._keys.rewrap(name, wrapped, renewed)
        return count

    async def _own(self, subject: CandidateId) -> bytes:
        known = (await self._existing([subject])).get(subject)
        if known is not None:
            return known
        name = _name(subject)
        kept = await self._keys.add(name, self._masters.wrap(os.urandom(KEY_BYTES), name.encode()))
        return self._remember(name, self._unwrapped(kept, name))

    async def _existing(self, subjects: Sequence[CandidateId]) -> dict[CandidateId, bytes]:
        now = self._clock()
        named = {subject: _name(subject) for subject in subjects}
        found = {
            subject: kept[1]
            for subject, name in named.items()
            if (kept := self._open.get(name)) is not None and now - kept[0] < SECONDS_KEPT
        }
        missing = [subject for subject in named if subject not in found]
        names = [named[subject] for subject in missing]
        for subject, name, wrapped in zip(missing, names, await self._keys.read(names), strict=True):
            if wrapped is not None:
                found[subject] = self._remember(name, self._unwrapped(wrapped, name))
        return found

    def _unwrapped(self, wrapped: bytes, name: str) -> bytes:
        try:
            return self._masters.unwrap(wrapped, name.encode())
        except UnknownMasterKey as error:
            raise StoreAway("a personal key needs a master key that is not here", retry_after=RETRY_AFTER) from error

    def _remember(self, name: str, key: bytes) -> bytes:
        self._open[name] = (self._clock(), key)
        self._open.move_to_end(name)
        while len(self._open) > _REMEMBERED:
            self._open.popitem(last=False)
        return key


def _opened(name: str, value: Any, ciphers: Mapping[CandidateId, AESGCM], topic: Topic) -> Any:
    if isinstance(value, dict):
        return {inner: _opened(inner, one, ciphers, topic) for inner, one in value.items()}
    if not is_sealed(value):
        return value
    field = plain_name(without_source(name)[1])
    for subject, cipher in ciphers.items():
        try:
            raw = base64.urlsafe_b64decode(value.removeprefix(SEALED) + "==")
            return orjson.loads(cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _about(subject, field, topic)))
        except (InvalidTag, ValueError):
            continue
    return None


def _name(subject: CandidateId) -> str:
    """Answer under which name a key is kept: a person's pseudonym; what is nobody's under its own."""
    return subject if subject.startswith(HOUSE) else pseudonym(subject)


def _any_sealed(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_any_sealed(each) for each in value.values())
    return is_sealed(value)


def _about(subject: CandidateId, field: str, topic: Topic) -> bytes:
    return f"{subject}|{field}|{topic.value}".encode()


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
