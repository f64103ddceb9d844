"""Finding people by their e-mail address, where no address can be read: an index of keyed hashes, erased with the person.

An address comes in as its SHA-256 (which is what controllers send who do not want to send the address) and is kept as an HMAC of that
under a key of the vault: who has a copy of the index cannot try addresses against it, and without the vault it finds nobody.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from redis.asyncio import Redis

from api.errors import MalformedCall
from api.redis_asking import asking
from api.vault import Vault
from profiles.pseudonym import pseudonym
from schemas.messages import CandidateId, Message
from schemas.personal import E_MAIL, IDENTIFYING, plain_name

_AWAY = "the index of addresses does not answer"

PEOPLE_OF_ONE = 20
"""People that one address finds at most, and addresses of one person: an address that so many share names nobody."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Index(Protocol):
    """Keeps whom a name finds. Every method may raise StoreAway."""

    async def add(self, name: str, candidate: CandidateId) -> None:
        """Have a name find one person more, up to `PEOPLE_OF_ONE`."""
        ...

    async def find(self, name: str) -> list[CandidateId]: ...

    async def forget(self, pseudonyms: Sequence[str]) -> None:
        """Have no name find these people any more."""
        ...


class Addresses:
    """The index as the doors ask it. Every method may raise StoreAway."""

    def __init__(self, index: Index, vault: Vault) -> None:
        self._index = index
        self._vault = vault

    async def note(self, message: Message) -> None:
        """Take in the addresses that a message tells of its candidate, when somebody who knows vouches for them.

        What a page merely claims is left out: else whoever types a stranger's address is found, and handed out, in their place.
        """
        if message.verified:
            traits = message.context.get("traits")
            await self.note_traits(
                message.candidate_id, {**(traits if isinstance(traits, dict) else {}), **message.traits}
            )

    async def note_traits(self, candidate: CandidateId, traits: Mapping[str, Any]) -> None:
        """Take in the addresses among a person's traits, unsealed."""
        for name, value in traits.items():
            if IDENTIFYING.get(plain_name(name)) == E_MAIL and (digest := address_digest(value)):
                await self._index.add(await self._name(digest), candidate)

    async def people(self, digest: str) -> list[CandidateId]:
        """Answer who has an address; it comes as its SHA-256 in hex. MalformedCall when so many have it that nobody is meant."""
        found = await self._index.find(await self._name(digest))
        if len(found) >= PEOPLE_OF_ONE:
            raise MalformedCall("so many people share this e-mail address that it names nobody; send their ids")
        return found

    async def forget(self, pseudonyms: Sequence[str]) -> None:
        await self._index.forget(pseudonyms)

    async def _name(self, digest: str) -> str:
        return hmac.digest(await self._vault.house_key("addresses"), digest.encode(), hashlib.sha256).hex()


def address_digest(value: object) -> str:
    """Answer the SHA-256 of an address, trimmed and in lower case, in hex; "" for what is none."""
    if not isinstance(value, str) or "@" not in value:
        return ""
    return hashlib.sha256(value.strip().lower().encode("utf-8", "replace")).hexdigest()


def is_digest(value: str) -> bool:
    return _DIGEST.fullmatch(value) is not None


_ADD = """
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and (redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4])
    or redis.call('SCARD', KEYS[2]) >= tonumber(ARGV[4])) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
return 1
"""


class RedisIndex:
    """Beside the personal keys: a hash of people for each name, and the names of each person so that they can be forgotten."""

    def __init__(self, client: Redis, namespace: str = "careers") -> None:
        self._client = client
        self._people = f"{namespace}:addresses:"
        self._names = f"{namespace}:addresses-of:"

    async def add(self, name: str, candidate: CandidateId) -> None:
        who = pseudonym(candidate)
        with asking(_AWAY):
            await cast(
                "Any",
                self._client.eval(
                    _ADD, 2, self._people + name, self._names + who, who, candidate, name, str(PEOPLE_OF_ONE)
                ),
            )

    async def find(self, name: str) -> list[CandidateId]:
        with asking(_AWAY):
            found = await cast("Any", self._client.hvals(self._people + name))
        return sorted(each.decode() for each in found)

    async def forget(self, pseudonyms: Sequence[str]) -> None:
        with asking(_AWAY):
            for who in pseudonyms:
                names = await cast("Any", self._client.smembers(self._names + who))
                async with self._client.pipeline(transaction=True) as pipe:
                    for name in names:
                        pipe.hdel(self._people + name.decode(), who)
                    pipe.delete(self._names + who)
                    await pipe.execute()


class MemoryIndex:
    """For dry runs, the demo and tests."""

    def __init__(self) -> None:
        self._people: dict[str, dict[str, CandidateId]] = {}

    async def add(self, name: str, candidate: CandidateId) -> None:
        who, found = pseudonym(candidate), self._people.setdefault(name, {})
        own = sum(who in people for people in self._people.values())
        if who in found or (len(found) < PEOPLE_OF_ONE and own < PEOPLE_OF_ONE):
            found[who] = candidate

    async def find(self, name: str) -> list[CandidateId]:
        return sorted(self._people.get(name, {}).values())

    async def forget(self, pseudonyms: Sequence[str]) -> None:
        for people in self._people.values():
            for who in pseudonyms:
                people.pop(who, None)
