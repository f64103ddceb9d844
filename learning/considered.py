"""What a model would have shown: its first ten of everything that a logged decision considered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.evidence import Seen
from learning.metrics import DEPTH
from learning.postings import Posting
from scorers.features import FEATURE_NAMES
from scorers.models import Model

Pick = Callable[[Seen], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Breadth:
    """What a ranking is beyond being right.

    Coverage is the share of all considered postings that anybody would see; diversity the share of different pairs of employer and
    work among ten; novelty how rarely a posting was shown, in bits, on average.
    """

    coverage: float
    diversity: float
    novelty: float


def by_model(model: Model) -> Pick:
    def pick(seen: Seen) -> tuple[str, ...]:
        order = np.argsort(-model.score(seen.matrix, FEATURE_NAMES).joined, kind="stable")[:DEPTH]
        return tuple(seen.job_ids[row] for row in order.tolist())

    return pick


def breadth(
    decisions: Sequence[Seen], pick: Pick, *, postings: Mapping[str, Posting], shown: Mapping[str, int]
) -> Breadth:
    """Answer the breadth of what would be shown; `shown` says how often each posting was."""
    lists = [pick(seen) for seen in decisions]
    considered = {job for seen in decisions for job in seen.job_ids}
    total = sum(shown.values()) or 1
    rarity = [-np.log2(max(shown.get(job, 0), 1) / total) for jobs in lists for job in jobs]
    return Breadth(
        coverage=len({job for jobs in lists for job in jobs}) / max(len(considered), 1),
        diversity=float(np.mean([_different(jobs, postings) for jobs in lists])) if lists else 0.0,
        novelty=float(np.mean(rarity)) if rarity else 0.0,
    )


def _different(jobs: Sequence[str], postings: Mapping[str, Posting]) -> float:
    kinds = {(postings[job].employer, postings[job].work) if job in postings else (job, "") for job in jobs}
    return len(kinds) / max(len(jobs), 1)
