"""The headers that every answer carries, so that a browser takes nothing of it for what it is not."""

from collections.abc import Iterable

Headers = Iterable[tuple[bytes, bytes]]

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""What an answer says unless it says otherwise itself. JSON is nothing to run, to frame or to keep."""
_OVER_TLS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def guarded(headers: Headers, *, secure: bool) -> list[tuple[bytes, bytes]]:
    """Answer an answer's headers with those that it lacks; `secure` says whether it goes over TLS."""
    given = list(headers)
    names = {name for name, _ in given}
    given += [header for header in _ALWAYS if header[0] not in names]
    if secure:
        given.append(_OVER_TLS)
    return given
