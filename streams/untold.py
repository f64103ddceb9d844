"""What webhooks were not told within three days: dead letters that name a webhook, told to it again when somebody asks for that."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import OffsetAndMetadata

from schemas.topics import Topic, TopicNames
from streams.dead_letters import REASON, TOPIC, WEBHOOK
from streams.notices import Notice, notice_of
from streams.redrive import letters_of, reading
from streams.sink import Outgoing, Sink

GROUP = "careerstream-notices"


@dataclass(frozen=True, slots=True)
class Untold:
    """A notice that a webhook did not take, and why."""

    webhook: str
    notice: Notice
    reason: str


Tell = Callable[[Untold], Awaitable[str | None]]
"""Tells a webhook again, once; answers why it was not taken, None when it was or need not be told any more."""


async def untold(*, kafka: Mapping[str, Any], names: TopicNames, sink: Sink, group: str = GROUP) -> list[Untold]:
    """Answer what no webhook has taken yet; writes and commits nothing."""
    async with reading(kafka, names, sink, group) as consumer:
        return [
            found
            async for _, letters in letters_of(consumer)
            for letter in letters
            if (found := _untold(letter, names))
        ]


async def tell_again(
    *, kafka: Mapping[str, Any], names: TopicNames, sink: Sink, tell: Tell, group: str = GROUP
) -> tuple[int, int]:
    """Tell what is there now, in its order, and answer how many notices are done with and how many still wait.

    What is not taken goes to the end of the dead letters: it holds up nobody, and the next call comes upon it.
    """
    done = left = 0
    async with reading(kafka, names, sink, group) as consumer:
        async for partition, letters in letters_of(consumer):
            for letter in letters:
                found = _untold(letter, names)
                if found is None:
                    continue
                problem = await tell(found)
                if problem is None:
                    done += 1
                else:
                    left += 1
                    await sink.send([_again(letter, names, problem)])
            await consumer.commit({partition: OffsetAndMetadata(letters[-1].offset + 1, "")})
    return done, left


def _untold(letter: Any, names: TopicNames) -> Untold | None:
    about = dict(letter.headers)
    if WEBHOOK not in about:
        return None
    lay = about[TOPIC].decode()
    notice = notice_of(
        Topic.SEGMENTS if lay == names.full(Topic.SEGMENTS) else Topic.PROFILES, letter.key, letter.value
    )
    return None if notice is None else Untold(about[WEBHOOK].decode(), notice, about[REASON].decode())


def _again(letter: Any, names: TopicNames, problem: str) -> Outgoing:
    kept = [(name, value) for name, value in letter.headers if name != REASON]
    headers = [*kept, (REASON, f"webhook_{problem}".encode())]
    return Outgoing(names.full(Topic.DEAD_LETTERS), letter.key, letter.value, headers, letter.timestamp)
