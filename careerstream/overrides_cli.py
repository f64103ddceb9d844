"""`careerstream override`: pin, boost or block an item, list what colleagues said, and end it."""

import getpass
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from pydantic import ValidationError

from careerstream.clock import wall_clock
from careerstream.errors import Stopped
from careerstream.named import settings_of_environment


@click.group()
def override() -> None:
    """Pin, boost or block an item, for everybody, a segment or a person; all processes follow within seconds.

    \b
    careerstream override add block job-17 --why "position filled"
    careerstream override add boost job-3 --logits 1.5 --segment nurses --days 7 --why "ward opens"
    careerstream override list
    """


@override.command()
@click.argument("kind", type=click.Choice(["pin", "boost", "block"]))
@click.argument("item")
@click.option("--why", required=True, help="Kept with the override.")
@click.option("--days", type=click.FloatRange(min=0, min_open=True), default=7.0, help="How long it holds (default 7).")
@click.option("--segment", help="Only for members of this segment.")
@click.option("--user", "user_id", help="Only for this user.")
@click.option("--anonymous", "anonymous_id", help="Only for this browser.")
@click.option("--selector", help="Where a pin goes, such as jobs.")
@click.option("--position", type=int, default=1, help="A pin's place; 1 is first.")
@click.option("--logits", type=float, default=0.0, help="What a boost adds to the score's logit, or takes from it.")
def add(kind: str, item: str, days: float, **said: Any) -> None:
    """Override the engine about ITEM, a posting or content by its id. Must-haves hold all the same."""
    from careerstream.overriding import OverridesTopic
    from careerstream.parts import read_configuration
    from profiles.pseudonym import pseudonym
    from schemas.overriding import NewOverride

    settings, now = settings_of_environment(), wall_clock()
    try:
        expires_at = datetime.now(UTC) + timedelta(days=days)
        asked = NewOverride.model_validate({"kind": kind, "item_id": item, "expires_at": expires_at, **said})
        person = None if asked.candidate is None else pseudonym(asked.candidate)
        made = asked.made(f"ov-{secrets.token_hex(8)}", by=getpass.getuser(), at=now, person=person)
    except ValidationError as error:
        raise Stopped(error.errors()[0]["msg"]) from error
    except (ValueError, OverflowError) as error:
        raise Stopped(str(error)) from error
    policy = read_configuration(settings).policy
    if made.selector is not None and policy.selector(made.selector) is None:
        raise Stopped(f"{made.selector} is none of {', '.join(each.name for each in policy.selectors)}")
    OverridesTopic.named(settings).write(made.id, made)
    click.echo(made.id)


@override.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Those that have ended, too.")
def list_(everything: bool) -> None:
    """List what colleagues said, newest first."""
    from careerstream.overriding import OverridesTopic

    book, now = OverridesTopic.named(settings_of_environment()).read(), wall_clock()
    pause = book.now.pause
    if pause is not None and pause.paused:
        click.echo(f"the model is paused by {pause.by} since {_date(pause.at)}: {pause.why}")
    for each in book.records() if everything else book.in_force(now):
        whom = each.segment or each.person or "everybody"
        end = f"removed by {each.removed_by}" if each.removed_by else f"until {_date(each.expires_at)}"
        click.echo(f"{each.id}  {each.kind:<5} {each.item_id}  for {whom}  {end}  by {each.by}: {each.why}")


@override.command()
@click.argument("name")
def remove(name: str) -> None:
    """End the override NAME; that it was there, and who ended it, stays on record."""
    from careerstream.overriding import OverridesTopic

    topic = OverridesTopic.named(settings_of_environment())
    found = topic.read().find(name)
    if found is None:
        raise Stopped(f"there is no override {name}; `careerstream override list` lists them")
    topic.write(name, found.removed(by=getpass.getuser(), at=wall_clock()))


def _date(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="minutes")
