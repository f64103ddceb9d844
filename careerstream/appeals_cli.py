"""`careerstream appeals`: the queue of appeals, as a running API has it: who looks and who decides is its affair."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

import click

from careerstream.errors import Stopped

_PATIENCE = 30.0

Ask = Callable[[str, str, dict[str, Any] | None], dict[str, Any]]
"""Asks the API: method, path, body."""


@click.group()
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where the API answers.")
@click.option(
    "--token",
    "token_file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with your token (`careerstream tokens staff`) or a secret key.",
)
@click.pass_context
def appeals(context: click.Context, url: str, token_file: Path) -> None:
    """Look at what candidates appeal against, with what the engine had, and decide.

    \b
    careerstream appeals --token me.jwt list
    careerstream appeals --token me.jwt show ap-0f3a
    careerstream appeals --token me.jwt decide ap-0f3a overturn --why "the licence was confirmed"
    """
    if not url.startswith(("http://", "https://")):
        raise Stopped(f"--url is {url}; it begins with http:// or https://")
    token = token_file.read_text(encoding="utf-8").strip()
    context.obj = lambda method, path, body=None: _asked(url.rstrip("/") + path, token, method, body)


@appeals.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Those that were decided, too.")
@click.pass_obj
def list_(ask: Ask, everything: bool) -> None:
    """List open appeals, the longest open first."""
    for each in ask("GET", "/v1/appeals", None)["appeals"]:
        if everything or each["status"] == "open":
            end = f"{each['outcome']} by {each['decidedBy']}" if "outcome" in each else "open"
            click.echo(f"{each['id']}  {each['lodgedAt']}  {each['about']:<11} {_subject(each)}  {end}")


@appeals.command()
@click.argument("name")
@click.pass_obj
def show(ask: Ask, name: str) -> None:
    """Show the appeal NAME and what the engine had, as JSON."""
    click.echo(json.dumps(ask("GET", f"/v1/appeals/{quote(name, safe='')}", None), indent=2, ensure_ascii=False))


@appeals.command()
@click.argument("name")
@click.argument("outcome", type=click.Choice(["uphold", "overturn", "correct"]))
@click.option("--why", required=True, help="What the candidate is told.")
@click.option("--override", metavar="JSON", help="An override for the person, as POST /v1/overrides takes it.")
@click.option("--stage", help="What an application goes back to (default submitted).")
@click.pass_obj
def decide(ask: Ask, name: str, outcome: str, why: str, override: str | None, stage: str | None) -> None:
    """Decide the appeal NAME."""
    try:
        made = None if override is None else json.loads(override)
    except json.JSONDecodeError as problem:
        raise Stopped(f"--override is no JSON: {problem}") from problem
    said = {"outcome": outcome, "why": why, "override": made, "stage": stage}
    body = {member: value for member, value in said.items() if value is not None}
    told = ask("POST", f"/v1/appeals/{quote(name, safe='')}/decision", body)
    click.echo(f"{told['id']}: {told['outcome']}{'; ' + told['done'] if 'done' in told else ''}")


def _subject(each: dict[str, Any]) -> str:
    if each["about"] == "inference":
        return f"{each['dimension']}: {each['value']}"
    return str(each.get("decisionId") or each.get("jobId"))


def _asked(address: str, token: str, method: str, body: dict[str, Any] | None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = Request(address, data, headers, method=method)  # noqa: S310  # the scheme is looked at above
    try:
        with urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310  # nosec B310  # the scheme is looked at above
            found: dict[str, Any] = json.load(answer)
            return found
    except HTTPError as refused:
        raise Stopped(f"the API says {refused.code}: {refused.read().decode(errors='replace')[:500]}") from refused
    except (URLError, OSError) as away:
        raise Stopped(f"{address} does not answer: {away}") from away
