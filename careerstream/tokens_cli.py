"""`careerstream tokens`: sign a colleague's token with the shared secret that the API checks, where no OpenID provider is at hand."""

import time
from pathlib import Path
from typing import Any

import click
import jwt

from api.access import STAFF_ROLES, StaffRole
from api.signing_keys import UnusableSigningKeys, secrets_of
from api.tokens import REQUIRED
from careerstream.errors import Stopped
from careerstream.named import settings_of_environment
from careerstream.settings import PREFIX, IdentitySettings

_HOUR = 3_600


@click.group()
def tokens() -> None:
    """Sign tokens for colleagues, with the shared secret of CAREERSTREAM_IDENTITY__STAFF_KEYS.

    \b
    careerstream tokens staff ann@example.com --role privacy --hours 8
    """


@tokens.command()
@click.argument("subject")
@click.option(
    "--role",
    "roles",
    type=click.Choice(STAFF_ROLES),
    multiple=True,
    required=True,
    help="What SUBJECT may do; may be given again.",
)
@click.option(
    "--hours",
    type=click.FloatRange(0, 24 * 31, min_open=True),
    default=8.0,
    show_default=True,
    help="How long it holds.",
)
def staff(subject: str, roles: tuple[StaffRole, ...], hours: float) -> None:
    """Print a token that speaks for SUBJECT, a colleague: whoever has it may do what its roles may."""
    identity = settings_of_environment().identity
    kid, secret = _signing_secret(identity)
    now = int(time.time())
    claims: dict[str, Any] = {
        "sub": subject,
        "iss": identity.staff_issuer,
        "aud": identity.staff_audience,
        "iat": now,
        "exp": now + round(hours * _HOUR),
        **_nested(identity.staff_roles_claim, list(roles)),
    }
    if missing := [name for name in REQUIRED if not claims[name]]:
        raise Stopped(f"a token says who it is for: {', '.join(missing)} must not be empty")
    click.echo(f"careerstream: a token for {subject}, {' and '.join(roles)}, for {hours:g} hours:", err=True)
    click.echo(jwt.encode(claims, secret, "HS256", headers={"kid": kid}))


def _signing_secret(identity: IdentitySettings) -> tuple[str, bytes]:
    """Answer the secret that signs with its name, or raise Stopped."""
    name = f"{PREFIX}IDENTITY__STAFF_KEYS"
    place = identity.staff_keys
    if place is None or not identity.staff_issuer:
        raise Stopped(
            f"nothing signs: make a secret with `careerstream keys signing FILE` and set {name} to the file "
            f"and {PREFIX}IDENTITY__STAFF_ISSUER to a name for this house (docs/howto/tokens.md)"
        )
    if "://" in place:
        raise Stopped(f"{name} is {place}: ask that provider for a token, its keys only check")
    try:
        return next(iter(secrets_of(Path(place).read_bytes(), place).items()))
    except (UnusableSigningKeys, OSError) as error:
        raise Stopped(f"{name}: {error}") from error


def _nested(path: str, value: object) -> dict[str, Any]:
    """Answer a claim under its path: dots go into objects."""
    name, _, rest = path.partition(".")
    return {name: _nested(rest, value) if rest else value}
