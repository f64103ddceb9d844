"""SIMULATION.md out of the studies of many seeds: every figure with its interval over seeds."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.simulation import rules
from benchmarks.simulation.figures import (
    HORIZON,
    Study,
    gap_after,
    gap_closed,
    gap_of_stranger,
    number,
    over_seeds,
    per,
    percent,
    points,
    rate_after,
    seen,
    sooner,
    table,
    times_newest,
)
from benchmarks.simulation.plots import draw
from benchmarks.simulation.study import MARKS, SHARES
from learning.metrics import Figure

SITES = ("newest", "popular", "last place", "prior", "learning", "oracle", "oracle of interviews")

HEAD = """\
# Simulation

Every figure on this page is of a simulation: invented people with hidden wishes, on real postings, by rules that are
written down below. It shows whether the loop works, not what a site will earn. Written by `make simulate`.

{seeds} seeds; about {at_once} people look for work at a time, for {stay} days each; {days} days. The engine decides by
the prior for {warm} days and is then trained and judged every {period} days, {retrainings} times, by its own code: join,
train, assess, gate (the gate's limit on speed apart). Values stand with their 95 % intervals over seeds."""

SITES_HOW = """\
## The sites

`newest` is the unpersonalised site, `popular` shows everybody what was opened most in the last week, `last place` puts
the place opened last first; `prior` is the engine never trained, `learning` the engine retrained. The oracles know the
hidden rules: one orders by who would open, one by interviews. All after the warm-up. The gap is that from `newest` to
`oracle` in expected openings. Days without an interview are counted up to {horizon} (Kaplan-Meier), for people who came
after the warm-up.

{table}

![Responses by retraining](simulation/pictures/responses.svg)"""

RETRAINED_HOW = """\
## After so many retrainings

Openings per posting shown that the click rule gives on average for the lists that were shown, in that period and the
next two (before the first: in the warm-up).

{table}

Of {count} retrainings the gate let {promoted} decide, {first}. What it objected to, in all: {objections}."""

STRANGERS_HOW = """\
## A new visitor

Of the gap between the newest postings and the oracle, the share that one list closes for a visitor of whom nothing is
known but the postings they opened: each time one of forty drawn, by the hidden rule, so that many say little.

{table}

![Gap closed for a new visitor](simulation/pictures/strangers.svg)"""

SHARES_HOW = """\
## The employer's side

The same heads (the last that decided), joined with more or less of the employer's side, for new people. Groups x and y
are a coin's; exposure is the share of what they looked at that was well-paid work.

{table}

Of 0.4 against 0, seed by seed, in percentage points: interviews per application {invited}, hires per application
{hired}, well-paid work seen {x} in group x and {y} in group y."""

REAL_HOW = """\
## Through real servers

The tables above come from the loop inside one process. The same loop went through Kafka {Kafka}, Redis {Redis}, a
worker, an API over HTTP and `careerstream train` and `promote`, with one seed and {people} people: {equal:,} of
{lists:,} lists hold the same postings in the same order as inside the process, and {same} of {trained} trained models
are the same to the bit (a model's name is made of its content)."""

NOT_REAL = """\
## Through real servers

The tables above come from the loop inside one process. `make simulate ARGS=--real` runs it through a real Kafka and
Redis, worker, API and command line, and compares every list; that was not done for this page."""


def report(studies: Sequence[Study], proof: Mapping[str, Any], folder: Path) -> str:
    """Answer the report; its pictures are written into the folder."""
    draw(studies, folder)
    size = studies[0].told["size"]
    days = size["warm"] + size["period"] * (size["retrainings"] + 1)
    head = HEAD.format(**size, seeds=len(studies), days=days)
    parts = (head, _sites(studies), _retrained(studies), _strangers(studies), _shares(studies), _real(proof), _rules())
    return "\n\n".join(parts) + "\n"


def _sites(studies: Sequence[Study]) -> str:
    header = ["site", "opened per posting shown", "applied per posting shown", "openings, times newest", "gap closed"]
    header += ["days without an interview", "sooner than newest"]
    rows = [[site, *_of_site(partial(_each, studies, site))] for site in SITES]
    return SITES_HOW.format(horizon=HORIZON, table=table(header, rows))


def _of_site(each: Callable[[Callable[[Study, str], float]], Figure]) -> Sequence[str]:
    return (
        percent(each(lambda study, site: study.rate(site, "opened", "exposures"))),
        percent(each(lambda study, site: study.rate(site, "applied", "exposures"))),
        number(each(times_newest)),
        percent(each(gap_closed), 0),
        number(each(lambda study, site: study.days_without(site))),
        percent(each(sooner), 0),
    )


def _each(studies: Sequence[Study], site: str, value: Callable[[Study, str], float]) -> Figure:
    return over_seeds(studies, lambda study: value(study, site))


def _retrained(studies: Sequence[Study]) -> str:
    count = studies[0].told["size"]["retrainings"]
    shown = ("newest", "prior", "learning", "oracle")
    rows = [
        [
            str(after),
            *[percent(over_seeds(studies, partial(rate_after, site=site, after=after))) for site in shown],
            percent(over_seeds(studies, partial(gap_after, after=after)), 0),
        ]
        for after in (0, *[mark for mark in MARKS if mark <= count])
    ]
    outcomes = [study.told["retrainings"] for study in studies]
    kinds = Counter(_kind(objection) for seed in outcomes for one in seed for objection in one["objections"])
    return RETRAINED_HOW.format(
        table=table(["retrainings", *shown, "gap closed by learning"], rows),
        count=count,
        promoted=number(over_seeds(studies, lambda study: sum(one["promoted"] for one in study.told["retrainings"]))),
        first=_first(outcomes),
        objections=", ".join(f"{kind} ({times} times)" for kind, times in kinds.most_common()) or "nothing",
    )


def _first(outcomes: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    """Say after how many retrainings a model was first promoted."""
    found = [next((at for at, one in enumerate(seed, 1) if one["promoted"]), None) for seed in outcomes]
    known = [at for at in found if at is not None]
    if not known:
        return "none in any seed"
    return f"the first at retraining {np.median(known):g} (median; {len(known)} of {len(outcomes)} seeds had one)"


def _strangers(studies: Sequence[Study]) -> str:
    told = studies[0].told["strangers"]
    trained = list(next(iter(told.values()))["models"])
    rows = [
        [
            events,
            *[
                percent(over_seeds(studies, partial(gap_of_stranger, events=events, model=model)), 0)
                for model in trained
            ],
        ]
        for events in told
    ]
    header = ["postings opened", *[f"after {model} retrainings" for model in trained]]
    return STRANGERS_HOW.format(table=table(header, rows))


def _shares(studies: Sequence[Study]) -> str:
    rows = [[share, *_of_share(studies, share)] for share in map(str, SHARES)]
    header = ["fit_share", "opened per posting shown", "applied per posting shown", "interviews per application"]
    header += ["hires per application", "well-paid work seen, group x", "group y"]
    return SHARES_HOW.format(
        table=table(header, rows),
        invited=points(over_seeds(studies, partial(_more, of="invited", over="applied"))),
        hired=points(over_seeds(studies, partial(_more, of="hired", over="applied"))),
        **{group: points(over_seeds(studies, partial(_exposed_more, group=group))) for group in ("x", "y")},
    )


def _of_share(studies: Sequence[Study], share: str) -> Sequence[str]:
    def rate(of: str, over: str, digits: int) -> str:
        return percent(over_seeds(studies, lambda study: per(study, share, of, over)), digits)

    groups = [percent(over_seeds(studies, partial(seen, share=share, group=group)), 1) for group in ("x", "y")]
    rates = rate("opened", "exposures", 2), rate("applied", "exposures", 2)
    return (*rates, rate("invited", "applied", 1), rate("hired", "applied", 1), *groups)


def _more(study: Study, of: str, over: str) -> float:
    return per(study, "0.4", of, over) - per(study, "0.0", of, over)


def _exposed_more(study: Study, group: str) -> float:
    return seen(study, "0.4", group) - seen(study, "0.0", group)


def _real(proof: Mapping[str, Any]) -> str:
    if not proof:
        return NOT_REAL
    about = {name: proof[name] for name in ("people", "equal", "lists")}
    return REAL_HOW.format(**about, **proof["servers"], same=proof["equal_models"], trained=len(proof["models"]))


def _rules() -> str:
    return "## The rules\n\n" + (rules.__doc__ or "").partition("\n\n")[2].strip()


_KINDS = {
    "answered lists": "too few answered lists",
    "does not beat": "no gain that is sure",
    "served less": "a group is served less",
    "can be told": "a group can be told by the inputs",
    "too few to learn from": "too little to learn from",
}


def _kind(objection: str) -> str:
    return next((kind for words, kind in _KINDS.items() if words in objection), objection)
