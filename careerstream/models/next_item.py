"""`careerstream evaluate --log FILE --items FILE`: how well the engine guesses the next view in anybody's log."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from careerstream.errors import Stopped
from learning.interactions import Interactions, read_interactions
from learning.next_item import Figures, NextItem, next_item
from learning.tables import UnreadableTable
from scorers.models import PriorModel
from scorers.policy import Policy

HEADS = {"hit_1": "HR@1", "hit_10": "HR@10", "hit_50": "HR@50", "reciprocal_rank": "MRR", "ndcg": "nDCG@10"}


def evaluate_next_item(
    log: Path, items: Path, *, columns: Mapping[str, str], policy: Policy, limit: int | None
) -> tuple[Interactions, NextItem]:
    """Read both files and ask; Stopped when they cannot be read or nothing can be asked."""
    try:
        read = read_interactions(log, items, columns)
    except (UnreadableTable, OSError) as problem:
        raise Stopped(str(problem)) from problem
    console = Console(file=sys.stderr)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("replaying", total=len(read.views))
        found = next_item(
            read,
            model=PriorModel(policy.fit_share),
            policy=policy,
            limit=limit,
            on_step=lambda steps: progress.advance(task, steps),
        )
    if not found.questions:
        raise Stopped(
            f"nobody in the last 40 % of {log}'s time had looked at anything before: there is nothing to guess"
        )
    return read, found


def told(read: Interactions, found: NextItem) -> Iterator[str]:
    """Answer the result as Markdown."""
    yield f"{len(read.views):,} views of {len(read.jobs):,} postings; {read.unusable:,} rows unusable, {read.unknown:,} without a posting."
    yield f"Asked: {found.questions:,} next views by {found.people:,} people, after the first 60 % of the time."
    yield f"The engine had considered the right posting in {found.considered:.1%} of the cases."
    yield from (
        "",
        "| ranking | " + " | ".join(HEADS.values()) + " | nDCG@10, 95 % |",
        "|---|" + "---|" * (len(HEADS) + 1),
    )
    for name, figures in found.rankings.items():
        values = " | ".join(f"{getattr(figures, each.name).value:.3f}" for each in fields(Figures))
        yield f"| {name} | {values} | {figures.ndcg.low:.3f} to {figures.ndcg.high:.3f} |"
    names = list(found.rankings)
    yield from (
        "",
        "nDCG@10 by part:",
        "",
        "| part | asked | " + " | ".join(names) + " |",
        "|---|---|" + "---|" * len(names),
    )
    for part, (count, values_of) in found.slices.items():
        yield f"| {part} | {count:,} | " + " | ".join(f"{values_of[name]:.3f}" for name in names) + " |"
