"""Kafka and Redis as a careful operator runs them: nothing without TLS, nobody without a name and a password."""

import asyncio
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from deploy.embedded.process import free_port
from tests.servers.kafka_jars import KafkaFromJars

USER, PASSWORD = "careerstream", "of-the-secured-tests"


class Authority:
    """Who vouches for `localhost`; `file` is what a client is told to trust."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.file = folder / "authority.pem"
        self.server = folder / "server.pem"
        authority.cert_pem.write_to_path(str(self.file))
        issued = authority.issue_cert("localhost", "127.0.0.1")
        # Java reads keys as PKCS #8 alone.
        key = load_pem_private_key(issued.private_key_pem.bytes(), password=None).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        self.server.write_bytes(key + b"".join(each.bytes() for each in issued.cert_chain_pems))


class SecuredKafka(KafkaFromJars):
    """`secured` is the only door for clients: SASL_SSL, SCRAM-SHA-512. The plain one is for the tests' own questions."""

    format_options = ("--add-scram", f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]")

    def __init__(self, folder: Path, authority: Authority) -> None:
        super().__init__(folder)
        self._authority = authority
        self._secured_port = free_port()

    @property
    def secured(self) -> str:
        return f"localhost:{self._secured_port}"

    def properties(self) -> str:
        said = dict(line.split("=", 1) for line in super().properties().splitlines() if "=" in line)
        doors = {name: f"{said[name]},SECURED://localhost:{self._secured_port}" for name in _DOORS}
        protocols = f"{said['listener.security.protocol.map']},SECURED:SASL_SSL"
        more = {
            **doors,
            "listener.security.protocol.map": protocols,
            "inter.broker.listener.name": "PLAINTEXT",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.secured.scram-sha-512.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._authority.server),
        }
        return "\n".join(f"{name}={value}" for name, value in {**said, **more}.items())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


class TlsDoor:
    """A door with TLS before a server that has none, as stunnel is: bytes in, bytes out, in a thread of its own."""

    def __init__(self, authority: Authority, behind: int) -> None:
        self.port = free_port()
        self._behind = behind
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(authority.server)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        opening = asyncio.start_server(self._carry, "127.0.0.1", self.port, ssl=self._context)
        self._server = asyncio.run_coroutine_threadsafe(opening, self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        others = [task for task in asyncio.all_tasks(self._loop) if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


_DOORS = ("listeners", "advertised.listeners")
