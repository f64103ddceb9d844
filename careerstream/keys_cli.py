"""`careerstream keys`: make, list, replace and revoke API keys while the house runs, and the keys that sign."""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from api.access import HOLDS
from api.keys import Key, KeyKind, UnusableKeys, checked
from api.signing_keys import UnusableSigningKeys, rotated_set
from api.stored_keys import AlreadyReplaced, KeyRecord, KeysAway, KeyStore, UnknownKeyId, new_key, rotate
from careerstream.errors import Stopped
from careerstream.settings import PREFIX, SettingsError, read_settings

Answer = TypeVar("Answer")
_DAY = 86_400


@click.group()
def keys() -> None:
    """Make, list, replace and revoke API keys; running API processes follow within seconds.

    \b
    careerstream keys create careers-site --publishable --origin https://careers.example.com
    careerstream keys create ats --secret --scope events:write
    careerstream keys create ad-server --ad --segment nurses
    """


@keys.command()
@click.argument("source")
@click.option("--publishable", "kind", flag_value="publishable", help="For pages and apps.")
@click.option("--secret", "kind", flag_value="secret", help="For your servers.")
@click.option("--ad", "kind", flag_value="ad", help="For an ad server.")
@click.option("--origin", "origins", multiple=True, help="A site whose pages may use a publishable key; '*' for any.")
@click.option(
    "--scope", "scopes", multiple=True, help=f"A right that bounds a secret key: {', '.join(sorted(HOLDS['secret']))}."
)
@click.option("--segment", "segments", multiple=True, help="A segment that an ad token may read.")
@click.option("--site", default="", help="The careers site, where one house serves several.")
def create(
    source: str,
    kind: KeyKind | None,
    origins: tuple[str, ...],
    scopes: tuple[str, ...],
    segments: tuple[str, ...],
    site: str,
) -> None:
    """Make a key for SOURCE and print it: it is told once, and kept as a hash."""
    if kind is None:
        raise Stopped("which kind of key? --publishable, --secret or --ad")
    wanted = Key(source, kind, "", origins, site, scopes, segments)  # type: ignore[arg-type]  # `checked` looks at the scopes
    record, text = new_key(_checked(wanted), now=time.time(), chance=secrets.token_urlsafe)
    _with_store(lambda store: store.write(record))
    _tell(record, text)


@keys.command(name="list")
def list_() -> None:
    """List the keys that the house keeps; those of a key file are not among them."""
    records = _with_store(lambda store: store.records())
    for record in records:
        click.echo(_line(record, time.time()))
    if not records:
        _say("no keys are kept; `careerstream keys create` makes one")


@keys.command(name="rotate")
@click.argument("key_id", metavar="ID")
@click.option("--overlap", type=click.FloatRange(0), default=7.0, show_default=True, help="Days that both keys hold.")
def rotate_(key_id: str, overlap: float) -> None:
    """Make a successor of key ID and print it; both hold until the overlap is over."""
    record, text = _with_store(
        lambda store: rotate(store, key_id, now=time.time(), overlap=overlap * _DAY, chance=secrets.token_urlsafe)
    )
    _tell(record, text)
    _say(f"{key_id} holds for {overlap:g} more days")


@keys.command()
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """Make key ID void at once."""
    if not _with_store(lambda store: store.remove(key_id)):
        raise Stopped(f"there is no key {key_id}; `careerstream keys list` shows them")
    _say(f"{key_id} is revoked; every API process knows within seconds")


@keys.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def signing(file: Path) -> None:
    """Make FILE, a JWK Set with a shared secret that signs; if it is there, put a new secret first and keep one older."""
    kid = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    try:
        text = rotated_set(
            file.read_bytes() if file.exists() else None, str(file), kid=kid, secret=secrets.token_bytes(32)
        )
    except UnusableSigningKeys as error:
        raise Stopped(str(error)) from error
    beside = file.with_name(f".{file.name}.new")
    # Made for the owner alone before there is anything to read in it, and moved whole.
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(text)
    beside.replace(file)
    _say(f"{file} signs with {kid} now; restart the API processes one by one")


def _checked(key: Key) -> Key:
    try:
        return checked(key, "the key")
    except UnusableKeys as error:
        raise Stopped(str(error)) from error


def _with_store(asked: Callable[[KeyStore], Awaitable[Answer]]) -> Answer:
    from careerstream.parts import key_store, redis_client

    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        raise Stopped(str(error)) from error
    url = settings.redis.url
    if url is None:
        raise Stopped(f"which Redis? Set {PREFIX}REDIS__URL to its URL")

    async def ask() -> Answer:
        client = redis_client(settings, url)
        try:
            return await asked(key_store(settings, client))
        finally:
            await client.aclose()

    try:
        return asyncio.run(ask())
    except (KeysAway, UnusableKeys, UnknownKeyId, AlreadyReplaced) as error:
        raise Stopped(str(error.args[0])) from error


def _tell(record: KeyRecord, text: str) -> None:
    _say(f"key {record.id} for {record.key.source}; it is shown this once:")
    click.echo(text)
    sys.stdout.flush()


def _line(record: KeyRecord, now: float) -> str:
    key = record.key
    bounds = [*key.origins, *key.scopes, *key.segments, *([f"site {key.site}"] if key.site else [])]
    made = time.strftime("%Y-%m-%d", time.gmtime(record.created_at))
    end = "" if record.ends_at is None else f"  {'ends' if record.holds(now) else 'ended'} {_moment(record.ends_at)}"
    return f"{record.id}  {record.shown:<9}  {key.source:<20}  {made}  {' '.join(bounds)}{end}"


def _moment(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _say(sentence: str) -> None:
    click.echo(f"careerstream: {sentence}", err=True)
