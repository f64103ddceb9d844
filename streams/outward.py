"""One POST to somebody else's server: https, to a host that was named beforehand, at an address that is looked up once."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])\b")
_SPECIAL = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "2001::/23", "5f00::/16")))
"""Ranges for protocols' own use; Python counts some of them among the global ones."""
SECONDS = 3.0
ANSWER_BYTES = 64 * 1024

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Answers the addresses of a host; may raise OSError."""


class ForbiddenTarget(ValueError):
    """An address that nothing is sent to; asking again changes nothing."""


class Undelivered(Exception):
    """No answer, or one that is none; asking again may help."""


@dataclass(frozen=True, slots=True)
class Outward:
    """Where posts may go: `hosts` are the names allowed, `loopback` allows plain http to this machine, for trying it out."""

    hosts: frozenset[str]
    loopback: bool = False

    def check(self, url: str) -> None:
        """Raise ForbiddenTarget for a URL that is not even looked up."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ForbiddenTarget("that is no URL") from error
        if parts.username or parts.password:
            raise ForbiddenTarget("a URL with a user name in it can be read in two ways")
        if parts.scheme != "https" and not (self.loopback and parts.scheme == "http"):
            raise ForbiddenTarget("only https is sent to")
        if (parts.hostname or "") not in self.hosts:
            raise ForbiddenTarget(f"the host {parts.hostname!r} is not among the allowed ones")
        if port is not None and not self.loopback and port != 443:
            raise ForbiddenTarget("only port 443 is sent to")

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, resolve: Resolve | None = None) -> int:
        """Answer the status that a server gave; no redirect is followed, and no more than 64 KB are read."""
        self.check(url)
        try:
            async with asyncio.timeout(SECONDS):
                return await self._posted(url, body, headers, resolve or looked_up)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
            if isinstance(error, ForbiddenTarget):
                raise
            raise Undelivered(type(error).__name__) from error

    async def _posted(self, url: str, body: bytes, headers: Mapping[str, str], resolve: Resolve) -> int:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_secure = parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        # Looked up once: a second look might find another address than the one that was judged.
        address = self._allowed(await resolve(host, port))
        context = ssl.create_default_context() if is_secure else None
        reader, writer = await asyncio.open_connection(
            address, port, ssl=context, server_hostname=host if is_secure else None, limit=ANSWER_BYTES
        )
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            lines = [
                f"POST {path} HTTP/1.1",
                f"Host: {parts.netloc}",
                "Connection: close",
                f"Content-Length: {len(body)}",
            ]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            writer.write("\r\n".join([*lines, "", ""]).encode("ascii") + body)
            await writer.drain()
            return _status(await reader.readuntil(b"\r\n"))
        finally:
            writer.close()

    def _allowed(self, addresses: Sequence[str]) -> str:
        judged = [self._is_allowed(ip_address(address.partition("%")[0])) for address in addresses]
        # One inner address among outer ones is how a name is made to lead inside.
        if not judged or not all(judged):
            raise ForbiddenTarget("the host's address is not on the public internet")
        return addresses[0]

    def _is_allowed(self, address: IPv4Address | IPv6Address) -> bool:
        if isinstance(address, IPv6Address):
            inner = (
                address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or _translated(address)
            )
            if inner is not None:
                return self._is_allowed(inner)
        if address.is_loopback:
            return self.loopback
        inside = address.is_private or address.is_reserved or address.is_link_local or address.is_multicast
        return address.is_global and not inside and not any(address in network for network in _SPECIAL)


def _status(line: bytes) -> int:
    found = _STATUS.match(line)
    if found is None:
        raise ValueError("that is no HTTP")
    return int(found[1])


async def looked_up(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
    return [str(entry[4][0]) for entry in found]


def _translated(address: IPv6Address) -> IPv4Address | None:
    """Answer what a NAT64 gateway would make of an address."""
    return IPv4Address(int(address) & 0xFFFFFFFF) if int(address) >> 32 == 0x64FF9B << 64 else None
