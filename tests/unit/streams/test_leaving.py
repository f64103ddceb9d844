"""What may leave the house by a webhook, and that who holds a member hears that the member left."""

import pytest

from profiles.segments import load_segments
from profiles.store import DecisionPut
from schemas.decision import Decision
from schemas.topics import Topic
from streams.notices import Change, Erased, notice_of
from streams.pushing import Leaving
from streams.told import MemoryTold
from tests.unit.api.doors import Door, basic

RULES = load_segments(
    """
segments:
  nurses: {name: Nurses, exportable: true, when: {count: {event: job_saved, within: 7d, at_least: 1}}}
  inner: {name: Inner, when: {count: {event: job_saved, within: 7d, at_least: 1}}}
""",
    "segments.yaml",
)


def a_change(candidate, segment="nurses", *, number=1, entered=True):
    return Change(f"{candidate}/{segment}/{number}", candidate, segment, entered=entered, at=number)


async def agree(door, user, *, folded=True, **consents):
    """Have a user say yes to advertising, or whatever is given, later than before."""
    door.clock.now += 1_000
    context = {"consent": {"categoryPreferences": {"advertising": True, **consents}}}
    message = {"event": "Segment Consent Preference Updated", "userId": user, "context": context}
    await door.post("/v1/track", message, key="sk_demo")
    if folded:
        await door.fold()


class Receiver:
    """A webhook, and what it was told; takes nothing while `away`."""

    def __init__(self, door, *, least=0, name="crm"):
        self.leaving = Leaving(door.store, {rule.key: rule for rule in RULES}, least, MemoryTold())
        self.name = name
        self.heard: list[str] = []
        self.away = False

    async def tell(self, notice):
        self.heard.append(notice.id)
        return "no_answer" if self.away else None

    async def take(self, notice, name=None):
        self.heard.clear()
        return bool(await self.leaving.pass_on(notice, name or self.name, self.tell)) or bool(self.heard)


@pytest.fixture
async def house():
    async with Door().open() as door:
        yield door


async def test_only_what_was_agreed_to_leaves(house):
    await agree(house, "u1")
    await agree(house, "u2", advertising=False)
    leaving, crowded = Receiver(house), Receiver(house, least=50)

    assert await leaving.take(a_change("u:u1"))
    assert not await leaving.take(a_change("u:u2"))
    assert await leaving.take(Erased("e", "u:u2", 7))
    assert not await leaving.take(a_change("u:u3"))
    assert not await leaving.take(a_change("u:u1", "inner"))
    assert not await leaving.take(a_change("u:u1", "gone"))
    assert not await crowded.take(a_change("u:u1"))


async def test_a_no_to_advertising_that_is_not_folded_yet_lets_nobody_leave(house):
    await agree(house, "u1")
    await agree(house, "u1", folded=False, advertising=False)

    assert not await Receiver(house).take(a_change("u:u1"))


async def test_who_holds_a_member_hears_that_they_left_though_they_were_erased(house):
    await agree(house, "u1")
    await house.store.put_decisions([DecisionPut(Decision("d", "u:u1", 1, {"profiles/u:u1": 0}, ()), {"nurses": 1})])
    receiver = Receiver(house)
    await receiver.take(a_change("u:u1"))

    await house.http.delete("/v1/profiles/user_id:u1", headers=basic("sk_demo"))
    await house.fold()
    (told,) = house.log.of(Topic.SEGMENTS)
    left = notice_of(Topic.SEGMENTS, told.key, told.value)

    assert isinstance(left, Change)
    assert not left.entered
    assert await receiver.take(left)
    assert receiver.heard == [left.id]
    assert not await receiver.take(left)


async def test_who_holds_a_member_hears_that_they_left_though_they_took_consent_back_or_few_are_left(house):
    receiver = Receiver(house)
    for user in ("u1", "u2"):
        await agree(house, user)
        await receiver.take(a_change(f"u:{user}"))
    await agree(house, "u1", advertising=False)
    receiver.leaving = Leaving(house.store, {}, 50, receiver.leaving.told)

    assert await receiver.take(a_change("u:u1", entered=False))
    assert await receiver.take(a_change("u:u2", entered=False))


async def test_who_never_heard_of_a_member_does_not_hear_that_they_left(house):
    await agree(house, "u1", advertising=False)
    receiver = Receiver(house)
    await receiver.take(a_change("u:u1"))

    assert not await receiver.take(a_change("u:u1", entered=False))
    await agree(house, "u2")
    await receiver.take(a_change("u:u2"), name="other")
    await agree(house, "u2", advertising=False)
    assert not await receiver.take(a_change("u:u2", entered=False))


async def test_a_leaving_that_was_not_taken_is_told_again(house):
    await agree(house, "u1")
    receiver = Receiver(house)
    await receiver.take(a_change("u:u1"))
    await agree(house, "u1", advertising=False)
    receiver.away = True
    left = a_change("u:u1", entered=False)
    await receiver.take(left)
    receiver.away = False

    assert await receiver.take(left)
    assert not await receiver.take(left)
