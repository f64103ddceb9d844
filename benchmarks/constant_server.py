"""A server that says 200 to everything without looking: what the load client can do at most.

`python -m benchmarks.constant_server PORT`
"""

import asyncio
import sys
from typing import cast

import uvloop

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


class Constant(asyncio.Protocol):
    """Answers each packet: the client has one request under way on a connection, and it fits one packet."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transports are not asyncio's by class

    def data_received(self, data: bytes) -> None:  # noqa: ARG002  # the protocol's signature
        self._transport.write(ANSWER)


async def _main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Constant, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1])))
