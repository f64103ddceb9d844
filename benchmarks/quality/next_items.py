"""The next item: what a person likes next, guessed from the likes of all before, one like at a time, on `idea_feedback`."""

import csv
import gzip
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from statistics import fmean

from benchmarks.quality.part import Part
from scorers.sessions import Sessions

HISTORY = 0.6
"""The share of the likes that is history only."""
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Like:
    person: str
    item: str


def measured(data: Path) -> Part:
    likes = _likes(data)
    first = int(len(likes) * HISTORY)
    sessions, popular = Sessions(), Counter[str]()
    came: dict[str, int] = {}
    liked: defaultdict[str, list[str]] = defaultdict(list)
    gained: defaultdict[str, list[float]] = defaultdict(list)
    spent: list[float] = []
    for place, like in enumerate(likes):
        mine = liked[like.person]
        if place >= first and mine and like.item in came:
            started = time.thread_time()
            neighbours = {found.item: found.score for found in sessions.next_items(mine)}
            spent.append((time.thread_time() - started) * 1e3)
            others = came.keys() - set(mine)
            for name, scores in (
                ("popularity so far", popular),
                ("newest first", came),
                ("session neighbours", neighbours),
            ):
                gained[name].append(_gain(like.item, others, scores))
        came.setdefault(like.item, place)
        popular[like.item] += 1
        mine.append(like.item)
        sessions.view(like.person, like.item)
    asked = len(spent)
    return Part(
        "The next item",
        f"`idea_feedback`: {len(likes):,} first likes of news items in their order, {HISTORY:.0%} as history only; then {asked:,} likes of "
        f"people with an earlier one, among all items liked by anybody so far but by themselves. nDCG@{SHOWN}.",
        ("ranked by", f"nDCG@{SHOWN}"),
        [[name, f"{fmean(found):.3f}".removeprefix("0")] for name, found in gained.items()],
        (
            "News, not postings, and no impressions: a form of session, not a claim about careers sites.",
            f"{sorted(spent)[int(asked * 0.9)]:.2f} ms of CPU a prediction of session neighbours, 90th percentile.",
        ),
    )


def _likes(data: Path) -> Sequence[Like]:
    with gzip.open(data / "idea_feedback" / "ratings.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        rated = sorted(csv.DictReader(lines), key=lambda row: (row["created_at"], row["user"], row["item"]))
    return list(dict.fromkeys(Like(row["user"], row["item"]) for row in rated if row["value"] == "1"))


def _gain(item: str, others: set[str], scores: Mapping[str, float]) -> float:
    """Answer the discounted gain of the one right item; ties are ordered by name."""
    own = (-scores.get(item, 0), item)
    above = sum((-scores.get(other, 0), other) < own for other in others)
    return 1 / log2(above + 2) if above < SHOWN else 0.0
