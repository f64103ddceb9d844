"""Who sends slowly, or without end, holds up nobody: on a real socket."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
import uvicorn

from careerstream import http_server
from careerstream.http_server import HEAD_BYTES, BoundedProtocol
from tests.hostile import HOSTILE, a_post
from tests.unit.api.doors import Door, basic

KEY = basic("pk_demo")["authorization"].encode()


@pytest.fixture
async def port(monkeypatch):
    """A server that gives a request a third of a second."""
    monkeypatch.setattr(http_server, "REQUEST_SECONDS", 0.3)
    config = uvicorn.Config(
        Door().app, port=0, http=BoundedProtocol, ws="none", log_config=None, access_log=False, server_header=False
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


@asynccontextmanager
async def connected(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield reader, writer
    writer.close()


async def answer_to(port, *sent):
    """Answer the status and body that a request gets, b'' when the connection is closed on it."""
    async with asyncio.timeout(10), connected(port) as (reader, writer):
        for part in sent:
            writer.write(part)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return int(head.split()[1]), await reader.readexactly(length)


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /v1/jobs HTTP/1.1\r\nHost: h\r\n", a_post(b"/v1/batch", b"{", KEY, length=100)],
    ids=["nothing", "half a head", "half a body"],
)
async def test_a_request_that_does_not_arrive_in_time_ends_its_connection(port, sent):
    began = time.monotonic()
    async with asyncio.timeout(10), connected(port) as (reader, writer):
        writer.write(sent)
        await reader.read()  # until the other side closes

    assert time.monotonic() - began >= 0.3


async def test_a_trickle_of_headers_does_not_buy_time(port):
    async with asyncio.timeout(10), connected(port) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\n")
        ended = asyncio.create_task(reader.read())
        while not ended.done():
            writer.write(b"X-A: b\r\n")
            await asyncio.sleep(0.02)


async def test_slow_clients_hold_up_nobody_else(port):
    slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
    for _, writer in slow:
        writer.write(b"POST /v1/batch HTTP/1.1\r\nContent-Length: 9\r\n")

    assert (await answer_to(port, b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"))[0] == 200
    for _, writer in slow:
        writer.close()


async def test_a_warm_connection_is_given_its_time_anew_for_each_request(port):
    async with asyncio.timeout(10), connected(port) as (reader, writer):
        for _ in range(3):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
            assert b"200" in await reader.readuntil(b'alive"}')
            await asyncio.sleep(0.2)


async def test_a_head_without_end_is_refused(port):
    status, body = await answer_to(port, b"GET / HTTP/1.1\r\n", b"X-Long: " + b"x" * (HEAD_BYTES + 10))

    assert (status, b"too_large" in body) == (431, True)


async def test_what_is_no_http_is_answered_like_any_refusal(port):
    status, body = await answer_to(port, b"HELLO\r\n\r\n")

    assert (status, b'"code":"malformed"' in body) == (400, True)


async def test_an_upgrade_is_answered_over_http(port):
    sent = (
        b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n"
    )

    assert (await answer_to(port, sent))[0] == 200


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE)
async def test_what_is_too_much_is_refused(port, sent):
    assert (await answer_to(port, sent.request(KEY)))[0] == sent.status
