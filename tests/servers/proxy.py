"""A network that fails: a TCP proxy before a server, which delays, holds back or swallows what passes."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal, Self

from deploy.embedded.process import free_port

Mode = Literal["open", "slow", "held", "closed"]
"""`slow`: every piece is late by the delay. `held`: nothing passes until it is opened. `closed`: connections are cut."""

_PIECE = 65_536


class Proxy:
    """Listens on a loopback port and passes everything on to another, in a thread of its own."""

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self._target = port
        self._delay_s = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open = asyncio.Event()
        self._pipes: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.mode: Mode = "open"

    def lead_to(self, port: int) -> None:
        """Pass new connections on to another server; those that stand stay."""
        self._target = port

    def slow(self, delay_s: float) -> None:
        self._turn("slow", delay_s)

    def hold(self) -> None:
        """A black hole: connections are taken and kept, and nothing comes through."""
        self._turn("held")

    def close(self) -> None:
        self._turn("closed")

    def open(self) -> None:
        """Let everything pass, what was held back first."""
        self._turn("open")

    def _turn(self, mode: Mode, delay_s: float = 0.0) -> None:
        async def turned() -> None:
            self.mode, self._delay_s = mode, delay_s
            if mode == "held":
                self._open.clear()
            else:
                self._open.set()
            if mode == "closed":
                for pipe in self._pipes:
                    pipe.cancel()

        self._run(turned())

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "closed":
            writer.transport.abort()
            return
        try:
            beyond_reader, beyond_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        pipes = {
            asyncio.create_task(self._pass(reader, beyond_writer)),
            asyncio.create_task(self._pass(beyond_reader, writer)),
        }
        self._pipes |= pipes
        try:
            await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pipe in pipes:
                pipe.cancel()
            self._pipes -= pipes
            for end in (writer, beyond_writer):
                end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                if self.mode == "slow":
                    await asyncio.sleep(self._delay_s)
                await self._open.wait()
                writer.write(piece)
                await writer.drain()

    async def _listen(self) -> None:
        self._open.set()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _run(self, order: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(order, self._loop).result(10)

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
