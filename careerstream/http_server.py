"""uvicorn's HTTP protocol with an end to its patience: for who sends slowly, or without end."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_SECONDS = 20.0
"""How long a request may take to arrive: half a megabyte on a bad mobile line takes ten."""
HEAD_BYTES = 64 * 1024
_TOO_LARGE = b"431 Request Header Fields Too Large"
_ANSWER = (
    b"HTTP/1.1 %b\r\ncontent-type: application/json\r\nx-content-type-options: nosniff\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%b"
)


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose request does not arrive in time, and answers 431 where its head has no end."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and self.parser is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(_TOO_LARGE, b'{"code":"too_large","message":"the head of a request has at most 64 KB"}')

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        self._await_request()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(b"400 Bad Request", b'{"code":"malformed","message":"%b"}' % msg.encode("ascii"))

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: there are no web sockets here, and whoever asks is answered over HTTP."""

    def _refuse(self, status: bytes, body: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(_ANSWER % (status, len(body), body))
            self.transport.close()

    def _await_request(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
