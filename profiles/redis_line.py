"""One connection to Redis on which many ask at a time: what is asked while answers are under way goes out together."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError


class _Question(NamedTuple):
    """Packed commands, how many answers they get, and who waits for these."""

    request: bytes
    answers: int
    waiting: "asyncio.Future[list[Any]]"


class Line:
    """Answers every question in order. A pooled connection for each costs three to five times the processor's time.

    The connection is the pool's and ends with it. Only for what may be asked twice: after a broken connection everything
    that was under way is asked once more.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._connection: AbstractConnection | None = None
        self._asked: list[_Question] = []
        self._answering: asyncio.Task[None] | None = None

    async def ask(self, *commands: bytes) -> list[Any]:
        """Answer what Redis says to each packed command; raises the first error among them."""
        waiting: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._asked.append(_Question(b"".join(commands), len(commands), waiting))
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer())
        return await waiting

    async def _answer(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, []
                try:
                    await self._exchange(asked)
                except Exception as error:  # noqa: BLE001  # whoever asked is told
                    _fail(asked, error)
                    await self._hang_up()
                except BaseException:
                    _fail([*asked, *self._asked], None)
                    await self._hang_up()
                    raise
        finally:
            self._answering = None

    async def _exchange(self, asked: Sequence[_Question]) -> None:
        request = b"".join([question.request for question in asked])
        connection = self._connection
        if connection is None:
            connection = self._connection = await self._pool.get_connection()
        try:
            answers = await _first_answer(connection, request)
        except RedisConnectionError:
            # A restarted Redis leaves a stale connection behind: the next try makes a new one.
            await connection.disconnect()
            answers = await _first_answer(connection, request)
        for question in asked:
            told = [answers.pop() if answers else await _told(connection) for _ in range(question.answers)]
            _settle(question.waiting, told)

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(RedisConnectionError, OSError):
                await connection.disconnect()
            await self._pool.release(connection)


async def _first_answer(connection: AbstractConnection, request: bytes) -> list[Any]:
    await connection.send_packed_command(request)
    return [await _told(connection)]


async def _told(connection: AbstractConnection) -> Any:
    """Answer what Redis says next; an error that it says is an answer too, and others' follow it."""
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error


def _settle(waiting: "asyncio.Future[list[Any]]", told: list[Any]) -> None:
    if waiting.done():  # who asked has gone
        return
    error = next((answer for answer in told if isinstance(answer, ResponseError)), None)
    if error is None:
        waiting.set_result(told)
    else:
        waiting.set_exception(error)


def _fail(asked: Sequence[_Question], error: Exception | None) -> None:
    """Tell whoever still waits; without an error the process ends."""
    for question in asked:
        if question.waiting.done():
            continue
        if error is None:
            question.waiting.cancel()
        else:
            question.waiting.set_exception(error)
