"""Repeated, shuffled and wrongly dated events: every effect once, in the same place as in order."""

import random
from collections.abc import Iterable

import pytest

from profiles.ring import RING_LIMIT
from schemas.collecting import Accepted, Call, normalise
from schemas.messages import Message
from tests.faults.traffic import iso, sdk_event
from tests.streaming import GRANTED, NOW, history, reference

HOUR_MS = 3_600_000
LATENCY_MS = 900
SKEWS = [-24 * HOUR_MS, 0, 24 * HOUR_MS]


async def test_events_of_skewed_clocks_in_any_order_end_where_true_times_in_order_do(seed):
    true = history(seed, 1500)
    collected = _collected(true, seed)

    assert max(abs(mine.event_time - theirs.event_time) for mine, theirs in collected) <= 1000
    assert await _digest(mine for mine, _ in collected) == await _digest(
        mine for mine, _ in sorted(collected, key=lambda pair: pair[1].event_time)
    )


async def test_an_event_without_any_time_happened_when_it_was_received(seed):
    outcome = normalise({"type": "page", "anonymousId": "a"}, Call("c", "site", NOW + seed))

    assert isinstance(outcome, Accepted)
    assert outcome.message.event_time == NOW + seed


async def test_one_event_in_twenty_sent_twice_counts_once(seed):
    messages = history(seed, 1500)
    once = list({each.message_id: each for each in messages}.values())
    shuffled = list(messages)
    random.Random(seed).shuffle(shuffled)

    assert len(once) < len(messages)
    assert await _digest(shuffled) == await _digest(once)


@pytest.mark.parametrize(("later", "counts_again"), [(RING_LIMIT - 1, False), (RING_LIMIT, True)])
async def test_a_copy_that_comes_a_day_later_counts_again_only_behind_a_ring_of_newer_events_of_the_section(
    later, counts_again
):
    first, *others = [_view(number) for number in range(later + 1)]
    late = [first, *others, first]

    assert (await _digest(late) != await _digest([first, *others])) is counts_again
    assert await _digest(late) == await _digest(late)


def _collected(messages: Iterable[Message], seed: int) -> list[tuple[Message, Message]]:
    """Answer what the collector makes of each, sent by a browser whose clock is wrong, received up to ten minutes out of order."""
    chance = random.Random(seed)
    found = []
    for number, message in enumerate(messages):
        skew = chance.choice(SKEWS)
        sent = message.event_time + chance.randrange(600_000)
        received = sent + chance.randrange(LATENCY_MS)
        call = Call(f"c{number}", "site", received, message.verified, sent_at=iso(sent + skew))
        outcome = normalise(sdk_event(message, message.event_time + skew), call)
        assert isinstance(outcome, Accepted)
        found.append((received, outcome.message, message))
    return [(mine, theirs) for _, mine, theirs in sorted(found, key=lambda each: each[0])]


def _view(number: int) -> Message:
    return Message(
        message_id=f"view-{number}",
        type="track",
        event="Job Viewed",
        properties={"job_id": "700001"},
        event_time=NOW + number * 1000,
        received_at=NOW + number * 1000,
        user_id="user-1",
        verified=True,
        consent=GRANTED,
    )


async def _digest(messages: Iterable[Message]) -> str:
    return await (await reference(messages)).digest()
