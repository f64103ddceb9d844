"""Sealing under a key for each person: what opens where, and what never opens again."""

import base64
from dataclasses import dataclass

import pytest

from api.errors import StoreAway
from api.master_keys import UnknownMasterKey, UnusableMasterKeys, new_master_keys, parse_master_keys
from api.personal_keys import MemoryPersonalKeys
from api.vault import SECONDS_KEPT, Vault
from schemas.messages import Message
from schemas.topics import Topic
from tests.unit.api.doors import Door

ADA, BOB = "u:ada", "u:bob"
SECRETS = ("ada@example.com", "Lovelace", "555-0100")


def a_master(name, filler):
    return f"{name}:{base64.b64encode(bytes([filler]) * 32).decode()}"


def identify(user="ada", **traits):
    return Message("m", "identify", 1, 1, user_id=user, traits={"email": "ada@example.com", **traits}, verified=True)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self):
        return self.now


async def test_what_was_sealed_opens_for_its_own_subject_only():
    vault = Vault(MemoryPersonalKeys(), new_master_keys())
    told = (await vault.seal(identify(), Topic.PROFILES)).traits
    await vault.seal(identify("bob"), Topic.PROFILES)

    assert "ada@example.com" not in str(told)
    assert await vault.opened(told, [ADA]) == {"email": "ada@example.com"}
    assert await vault.opened(told, [BOB]) == {"email": None}
    assert await vault.opened(told, [BOB, ADA]) == {"email": "ada@example.com"}


async def test_a_sealed_value_opens_under_no_other_field_and_in_no_other_topic():
    vault = Vault(MemoryPersonalKeys(), new_master_keys())
    told = (await vault.seal(identify(), Topic.PROFILES)).traits

    assert await vault.opened({"phone": told["email"]}, [ADA]) == {"phone": None}
    assert await vault.opened(told, [ADA], Topic.CLICKS) == {"email": None}


async def test_equal_values_look_different_each_time():
    vault = Vault(MemoryPersonalKeys(), new_master_keys())
    first, second = [(await vault.seal(identify(), Topic.PROFILES)).traits["email"] for _ in range(2)]

    assert first != second


async def test_once_the_key_is_destroyed_nothing_opens_and_a_new_key_opens_only_what_is_new():
    vault = Vault(MemoryPersonalKeys(), new_master_keys())
    before = (await vault.seal(identify(), Topic.PROFILES)).traits
    assert await vault.destroy([ADA]) == 1

    after = (await vault.seal(identify(), Topic.PROFILES)).traits

    assert await vault.opened(before, [ADA]) == {"email": None}
    assert await vault.opened(after, [ADA]) == {"email": "ada@example.com"}


async def test_another_process_opens_what_this_one_sealed_and_forgets_within_a_minute():
    keys, masters, clock = MemoryPersonalKeys(), new_master_keys(), Clock()
    here, there = Vault(keys, masters), Vault(keys, masters, clock=clock)
    told = (await here.seal(identify(), Topic.PROFILES)).traits
    assert await there.opened(told, [ADA]) == {"email": "ada@example.com"}
    await here.destroy([ADA])

    clock.now = SECONDS_KEPT

    assert await there.opened(told, [ADA]) == {"email": None}


async def test_master_keys_are_rotated_while_both_live_and_the_old_one_can_go():
    keys = MemoryPersonalKeys()
    old, both, new = a_master("k1", 1), f"{a_master('k2', 2)}\n{a_master('k1', 1)}", a_master("k2", 2)
    told = (await Vault(keys, parse_master_keys(old)).seal(identify(), Topic.PROFILES)).traits

    assert await Vault(keys, parse_master_keys(both)).opened(told, [ADA]) == {"email": "ada@example.com"}
    with pytest.raises(StoreAway):
        await Vault(keys, parse_master_keys(new)).opened(told, [ADA])
    with pytest.raises(UnknownMasterKey):
        await Vault(keys, parse_master_keys(new)).rotate()
    assert await Vault(keys, parse_master_keys(both)).rotate() == 1
    assert await Vault(keys, parse_master_keys(both)).rotate() == 0
    assert await Vault(keys, parse_master_keys(new)).opened(told, [ADA]) == {"email": "ada@example.com"}


@pytest.mark.parametrize("text", ["", "k1", "k1:short", "k1:!!!", f"{a_master('k1', 1)},{a_master('k1', 2)}", ":AAAA"])
def test_a_master_key_that_cannot_be_used_is_refused_without_being_quoted(text):
    with pytest.raises(UnusableMasterKeys) as refused:
        parse_master_keys(text)

    assert "openssl rand -base64 32" in str(refused.value)
    assert "short" not in str(refused.value)


def test_no_master_key_is_shown_where_its_owner_is_printed():
    keys = parse_master_keys(a_master("k1", 1))

    assert "AQEB" not in repr(keys)
    assert r"\x01" not in repr(keys)


async def test_kafka_never_sees_a_name_and_a_secret_key_reads_it():
    async with Door().open() as door:
        body = {"userId": "ada", "traits": {"email": SECRETS[0], "lastName": SECRETS[1], "address": {"country": "US"}}}
        await door.post("/v1/identify", {**body, "context": {"traits": {"phone": SECRETS[2]}}}, key="sk_demo")
        await door.post("/v1/track", {"userId": "ada", "event": "", "traits": {"name": SECRETS[1]}}, key="sk_demo")
        await door.fold()

        profile = (await door.get("/v1/profiles/user_id:ada")).json()

        assert profile["traits"]["email"] == SECRETS[0]
        assert profile["traits"]["address"] == {"country": "US"}
        logged = b"".join(
            record.value + b"".join(value for _, value in record.headers) for _, record in door.log.records
        )
        assert not [secret for secret in SECRETS if secret.encode() in logged]


class Away(MemoryPersonalKeys):
    async def read(self, names):  # noqa: ARG002  # as the port has it
        raise StoreAway("away", retry_after=2)


async def test_while_the_key_store_is_away_names_are_sent_again_and_clicks_go_on():
    async with Door(options={"vault": Vault(Away(), new_master_keys())}).open() as door:
        named = await door.post("/v1/identify", {"userId": "ada", "traits": {"email": SECRETS[0]}}, key="sk_demo")
        click = await door.post("/v1/track", {"anonymousId": "a", "event": "Job Viewed", "properties": {"job_id": "j"}})

        assert (named.status_code, named.headers["retry-after"]) == (503, "2")
        assert click.status_code == 200
        assert len(door.messages()) == 1
