"""Bodies that a server must not take: too long, too deep, too many, or small until they are unpacked."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hostile:
    """What is sent to `/v1/batch`, and the status that refuses it."""

    body: bytes
    status: int
    headers: tuple[bytes, ...] = ()

    def request(self, key: bytes) -> bytes:
        """Answer the bytes of the whole call, with an `Authorization` of such a value."""
        return a_post(b"/v1/batch", self.body, key, *self.headers)


HOSTILE: Mapping[str, Hostile] = {
    "10 MB": Hostile(b"x" * 10_000_000, 413),
    "gzip bomb": Hostile(gzip.compress(b" " * 50_000_000), 413, (b"Content-Encoding: gzip",)),
    "deep": Hostile(b"[" * 100_000, 400),
    "deep and whole": Hostile(b'{"batch":' * 900 + b"1" + b"}" * 900, 400),
    "10,000 messages": Hostile(b'{"batch":[' + b",".join([b"{}"] * 10_000) + b"]}", 413),
    "not UTF-8": Hostile(b"\xff\xfe", 400),
}


def a_post(path: bytes, body: bytes, key: bytes, *headers: bytes, length: int | None = None) -> bytes:
    """Answer the bytes of a POST; `length` is what it claims to have, if that is not the body's."""
    head = [
        b"POST %b HTTP/1.1" % path,
        b"Host: h",
        b"Authorization: %b" % key,
        b"Content-Length: %d" % (len(body) if length is None else length),
    ]
    return b"\r\n".join([*head, *headers, b"", body])
