"""SIMULATION.md out of the studies of many seeds: every figure with its interval over seeds."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.simulation import rules
from benchmarks.simulation.employers import JOINS, MARKETS
from benchmarks.simulation.figures import (
    HORIZON,
    Study,
    foreseen,
    gap_after,
    gap_closed,
    gap_of_stranger,
    number,
    over_seeds,
    percent,
    points,
    rate_after,
    seen,
    sooner,
    table,
    times_newest,
)
from benchmarks.simulation.plots import draw
from benchmarks.simulation.study import MARKS
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

EMPLOYERS_HOW = """\
## The employer's side

The same heads (the last that decided), joined in three ways, for new people ({markets} markets a seed, each with people of
its own): the candidate's side alone; with the employer's side as `fit_share` 0.4; and so that fit is compared only among
postings of about the same pay (`fit_within_pay`, the standard).

No drawn outcome is counted. Each posting shown counts by the probability, by the rules below, that it is opened, applied
for, and that this leads to an interview and to a hire, whenever; the employer's mood is averaged over, too. Exposure is the
share of what they looked at that was well-paid work (the best paid quarter), in groups x and y, which are a coin's.

**Side by side**: beside the lists of the standard site, those of the other ways are made for the same people with the same
histories at the same moment.

{beside}

More than with the candidate's side alone, seed by seed, in percentage points:

{more_beside}

**Each by itself**: each way is a site that lives on with what its own lists brought about. To all come the same people on
the same days, and what they do with a posting is drawn by posting here, not by place, so that it falls alike wherever it
stands.

{lived}

More than with the candidate's side alone, seed by seed, in percentage points:

{more_lived}"""

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
    parts = (
        head,
        _sites(studies),
        _retrained(studies),
        _strangers(studies),
        _employers(studies),
        _real(proof),
        _rules(),
    )
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


def _employers(studies: Sequence[Study]) -> str:
    header = ["joined", "opened per posting shown", "applied per posting shown", "interviews per application"]
    header += ["hires per application", "well-paid work seen, group x", "group y"]
    alone, *others = JOINS
    tables: dict[str, str] = {}
    for where in ("beside", "lived"):
        rows = [[name, *[percent(_joined(studies, read, where, name)) for read in _READ]] for name in JOINS]
        more = [[name, *[points(_joined(studies, read, where, name, than=alone)) for read in _READ]] for name in others]
        tables |= {where: table(header, rows), f"more_{where}": table(header, more)}
    return EMPLOYERS_HOW.format(markets=MARKETS, **tables)


_Read = Callable[[Study, str, str], float]
_READ: Sequence[_Read] = (
    partial(foreseen, of="expected", per="exposures"),
    partial(foreseen, of="applications", per="exposures"),
    partial(foreseen, of="interviews", per="applications"),
    partial(foreseen, of="hires", per="applications"),
    partial(seen, group="x"),
    partial(seen, group="y"),
)
"""The columns of the employer's side."""


def _joined(studies: Sequence[Study], read: _Read, where: str, name: str, *, than: str | None = None) -> Figure:
    """Answer a column of a way to join both sides; what it is more than another's, where one is given."""
    return over_seeds(
        studies, lambda study: read(study, where, name) - (0.0 if than is None else read(study, where, than))
    )


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
