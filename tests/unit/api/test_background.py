import asyncio
import threading

import pytest

from api.background import in_thread


async def test_a_turn_is_held_until_the_thread_is_done_though_nobody_waits():
    turn, begun, go_on = asyncio.Lock(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait()

    asked = asyncio.create_task(in_thread(work, turn=turn))
    await asyncio.to_thread(begun.wait)
    asked.cancel()
    await asyncio.sleep(0)
    assert turn.locked()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await asked

    assert not turn.locked()
