"""The load client sends what was asked, counts every answer, and counts waiting in the open loop."""

import asyncio
from contextlib import suppress

import pytest

from benchmarks.http_client import connect, post
from benchmarks.load import Load, drive

REQUESTS = (post("/", {"n": 1}, "k"), post("/", {"n": 2}, "k"))


class _Server:
    """Answers each request after `delay` seconds with a status of its own; remembers the bodies."""

    def __init__(self, status=200, delay=0.0, hang_up_after=None):
        self.status, self.delay, self.hang_up_after = status, delay, hang_up_after
        self.bodies = []
        self.conversations = []
        self._one_by_one = asyncio.Lock()

    async def __call__(self, reader, writer):
        self.conversations.append(asyncio.current_task())
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.bodies.append(await reader.readexactly(length))
                if self.hang_up_after is not None and len(self.bodies) > self.hang_up_after:
                    break
                async with self._one_by_one:
                    await asyncio.sleep(self.delay)
                writer.write(b"HTTP/1.1 %d X\r\ncontent-length: 2\r\n\r\n{}" % self.status)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def driven(server, **load):
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    asked = Load(port, REQUESTS, **load)
    connections = [await connect("127.0.0.1", port) for _ in range(asked.connections)]
    try:
        return await drive(asked, connections)
    finally:
        for connection in connections:
            connection.close()
        await asyncio.gather(*server.conversations)
        listening.close()


async def answered(server, **load):
    """Drive until something was answered: a busy machine may let the time go by without."""
    async with asyncio.timeout(60):
        while not (outcome := await driven(server, **load)).statuses:
            pass
    return outcome


async def test_a_closed_loop_counts_every_answer_and_sends_the_requests_in_turn():
    server = _Server()

    outcome = await answered(server, connections=2, seconds=0.2, warm_up=0.0)

    assert 0 < len(outcome.latencies) == outcome.statuses["200"]
    assert {b'{"n":1}', b'{"n":2}'} == set(server.bodies)
    assert outcome.failures == 0


@pytest.mark.parametrize("rate", [None, 100.0])
async def test_an_answer_other_than_200_is_a_failure(rate):
    outcome = await answered(_Server(status=503), connections=2, seconds=0.2, warm_up=0.0, rate=rate)

    assert outcome.failures == outcome.statuses["503"] > 0


@pytest.mark.parametrize("rate", [None, 100.0])
async def test_a_lost_connection_is_a_failure_without_a_latency(rate):
    outcome = await driven(_Server(hang_up_after=3), connections=1, seconds=3.0, warm_up=0.0, rate=rate)

    assert outcome.statuses == {"200": 3, "0": 1}
    assert len(outcome.latencies) == 3


async def test_an_open_loop_sends_as_many_whether_answers_are_fast_or_slow():
    fast = await driven(_Server(), connections=4, seconds=0.2, warm_up=0.0, rate=100.0)
    slow = await driven(_Server(delay=0.02), connections=4, seconds=0.2, warm_up=0.0, rate=100.0)

    assert fast.statuses == slow.statuses


async def test_an_open_loop_counts_the_wait_for_a_connection():
    outcome = await driven(_Server(delay=0.05), connections=1, seconds=0.2, warm_up=0.0, rate=100.0)

    assert max(outcome.latencies) > 500, "20 requests of 50 ms each, one after another: the last waited for the others"


async def test_the_warm_up_is_not_counted():
    server = _Server()

    outcome = await driven(server, connections=1, seconds=0.2, warm_up=0.2, rate=200.0)

    assert 0 < outcome.statuses["200"] < len(server.bodies)
