"""The appeals topic as the command line has it: read whole."""

import asyncio
from collections.abc import Mapping
from typing import Any

from api.appeals import AppealBook
from schemas.topics import Topic, TopicNames
from streams.list_follower import ListFollower

PATIENCE = 15.0


async def read_appeals(kafka: Mapping[str, Any], names: TopicNames) -> AppealBook:
    """Answer every appeal there is; TimeoutError when Kafka does not tell."""
    book = AppealBook()
    follower = ListFollower(kafka, names, Topic.APPEALS, book)
    await follower.start()
    try:
        await asyncio.wait_for(follower.wait_caught_up(), PATIENCE)
    finally:
        await follower.stop()
    return book
