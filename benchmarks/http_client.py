"""A raw HTTP/1.1 keep-alive connection: one request under way, as little work as asyncio allows."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import orjson

END_OF_HEADERS = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class ConnectionLost(ConnectionError):
    """The server closed a connection while a request was under way."""


class Connection(asyncio.Protocol):
    """One connection. `on_answer` is called with each answer, or with None when the connection is lost."""

    def __init__(self) -> None:
        self.on_answer: Callable[[Answer | None], None] = lambda _: None
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._awaited = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transports are not asyncio's by class

    def send(self, request: bytes) -> None:
        """Send a whole request; its answer goes to `on_answer`."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionLost("send on a closed connection")
        self._awaited = True
        self._transport.write(request)

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its answer."""
        waiting: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self.on_answer = waiting.set_result
        self.send(request)
        answer = await waiting
        if answer is None:
            raise ConnectionLost("no answer")
        return answer

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        answer, length = parsed(self._buffer)
        if answer is not None:
            self._buffer = self._buffer[length:]
            self._awaited = False
            self.on_answer(answer)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # the protocol's signature
        if self._awaited:
            self._awaited = False
            self.on_answer(None)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def connect(host: str, port: int) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, port)
    return connection


def parsed(buffer: bytes) -> tuple[Answer | None, int]:
    """Answer the first answer in the bytes and its length; None while it is not complete."""
    end = buffer.find(END_OF_HEADERS)
    if end < 0:
        return None, 0
    head = buffer[:end].lower()
    at = head.find(LENGTH)
    size = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    length = end + len(END_OF_HEADERS) + size
    if len(buffer) < length:
        return None, 0
    return Answer(int(head[9:12]), buffer[length - size : length]), length


def post(path: str, body: Mapping[str, object], key: str) -> bytes:
    """Answer the bytes of a POST with a JSON body and an API key."""
    content = orjson.dumps(body)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode("ascii") + content
