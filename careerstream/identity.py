"""The gate of the API: keys, signed anonymous ids, and the tokens that are believed."""

import asyncio
import secrets
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from jwt import PyJWK

from api.callers import Ids
from api.gate import Gate
from api.keys import KeyRing
from api.rates import RateLimits, Rates
from api.signing_keys import UnusableSigningKeys, parse_jwks, secrets_of
from api.tokens import Tokens
from api.visitors import VisitorIds
from careerstream.errors import Stopped
from careerstream.settings import PREFIX, IdentitySettings

REFRESH_SECONDS = 300.0
UNKNOWN_SECONDS = 10.0
"""A token with a key that is not known here has the set read again, but not more often than this."""
_PATIENCE = 3.0
_LARGEST = 256 * 1024

log = structlog.get_logger("careerstream.identity")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are believed, and where the keys that check them are read."""

    keys: str
    tokens: Tokens


def build_gate(
    keys: KeyRing, settings: IdentitySettings, *, embedded: bool, rates: Rates | None = None
) -> tuple[Gate, Sequence[Issuer]]:
    """Answer the gate, and the issuers whose keys want to be kept fresh; Stopped when a setting cannot be used."""
    candidates = _issuer("CANDIDATE", settings.candidate_keys, settings.candidate_issuer, settings.candidate_audience)
    staff = _issuer(
        "STAFF", settings.staff_keys, settings.staff_issuer, settings.staff_audience, settings.staff_roles_claim
    )
    ids = Ids(_visitor_ids(settings, embedded=embedded), settings.require_signed_ids)
    if ids.only_signed and not ids.visitors.can_make:
        raise Stopped(f"{PREFIX}IDENTITY__REQUIRE_SIGNED_IDS needs {PREFIX}IDENTITY__ANONYMOUS_KEYS_FILE")
    gate = Gate(keys, ids, _tokens(candidates), _tokens(staff), rates or Rates(RateLimits()))
    return gate, [issuer for issuer in (candidates, staff) if issuer is not None]


def kept_fresh(issuers: Sequence[Issuer]) -> AbstractAsyncContextManager[None]:
    """Read the issuers' keys again every few minutes, and soon after a token names one that is not known."""

    @asynccontextmanager
    async def keeping() -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_keep(issuer)) for issuer in issuers]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    return keeping()


async def _keep(issuer: Issuer) -> None:
    while True:
        seen, until = issuer.tokens.unknown_kids, time.monotonic() + REFRESH_SECONDS
        while time.monotonic() < until:
            await asyncio.sleep(min(UNKNOWN_SECONDS, until - time.monotonic()))
            if issuer.tokens.unknown_kids != seen:
                break
        try:
            issuer.tokens.replace(await asyncio.to_thread(read_keys, issuer.keys))
        except (UnusableSigningKeys, OSError) as error:
            log.warning("token_keys_unread", keys=issuer.keys, error=str(error))


def read_keys(place: str) -> Mapping[str, PyJWK]:
    """Answer the keys of a file or URL; UnusableSigningKeys or OSError when they cannot be had."""
    return parse_jwks(_fetched(place) if "://" in place else Path(place).read_bytes(), place)


def _fetched(url: str) -> bytes:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")):
        raise UnusableSigningKeys(f"{url} is no https URL: keys that anybody on the way can change prove nothing")
    with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310  # nosec B310  # checked above
        body: bytes = answer.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise UnusableSigningKeys(f"{url} answers more than {_LARGEST:,} bytes")
    return body


def _issuer(name: str, keys: str | None, issuer: str, audience: str, roles_claim: str | None = None) -> Issuer | None:
    if keys is None:
        return None
    if not issuer or not audience:
        raise Stopped(
            f"{PREFIX}IDENTITY__{name}_KEYS needs {PREFIX}IDENTITY__{name}_ISSUER and _AUDIENCE: "
            "a token says for whom it was made, and by whom"
        )
    try:
        found = read_keys(keys)
    except UnusableSigningKeys as error:
        raise Stopped(f"{PREFIX}IDENTITY__{name}_KEYS: {error}") from error
    except OSError as error:
        if "://" not in keys:
            raise Stopped(f"{PREFIX}IDENTITY__{name}_KEYS: {error}") from error
        # A provider that is away holds up its own tokens, not the whole API.
        log.warning("token_keys_unread", keys=keys, error=str(error))
        found = {}
    return Issuer(keys, Tokens(found, issuer=issuer, audience=audience, roles_claim=roles_claim))


def _tokens(issuer: Issuer | None) -> Tokens | None:
    return None if issuer is None else issuer.tokens


def _visitor_ids(settings: IdentitySettings, *, embedded: bool) -> VisitorIds:
    file = settings.anonymous_keys_file
    if file is None:
        return VisitorIds({"passing": secrets.token_bytes(32)} if embedded else {})
    try:
        return VisitorIds(secrets_of(file.read_bytes(), str(file)))
    except (UnusableSigningKeys, OSError) as error:
        raise Stopped(f"{PREFIX}IDENTITY__ANONYMOUS_KEYS_FILE: {error}") from error
