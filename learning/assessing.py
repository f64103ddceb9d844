"""Assessing a model on a log: everything that the report tells and the gate weighs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.considered import Breadth, Pick, breadth, by_model
from learning.evidence import Seen, largest_skew, opinions_of, read_evidence
from learning.examples import Examples, Joined
from learning.gate import Verdict, measure_speed, verdict
from learning.groups import Labels
from learning.impact import Cell
from learning.judging import Judgement, judge
from learning.log import Log
from learning.metrics import DEPTH
from learning.model_groups import compare_groups
from learning.off_policy import Estimates, lists_of
from learning.postings import high_pay, read_postings
from learning.proxies import Proxy, find_proxies
from learning.rankers import CANDIDATE, INCUMBENT, POPULARITY, SERVED, rankers
from learning.shadowing import Shadowing, read_shadow
from scorers.features import FEATURE_NAMES
from scorers.models import Model

DECISIONS_LIMIT = 2_000
"""How many of the tested decisions are ranked anew from everything they considered: the newest."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A judged model. `skew` is by how much the incumbent's logged scores differ from its scores of the logged features."""

    incumbent: str
    judgement: Judgement
    breadths: Mapping[str, Breadth]
    off_policy: Mapping[str, Estimates]
    """By ranker: responses a list would earn."""
    shadowing: Shadowing | None
    """What the model scored as challenger beside what decided; None where it was none."""
    groups: Sequence[Cell] | None
    proxies: Sequence[Proxy]
    speed_ms: Mapping[int, float]
    skew: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a model against the incumbent, on the examples from `test_from` on, as they are known by now."""

    model: Model
    incumbent: Model
    prior: Model
    test_from: int
    places: Sequence[float] = ()
    labels: Labels | None = None
    without_groups: bool = False


def assess(log: Log, joined: Joined, asked: Question) -> Assessment:
    """Answer the assessment; the history before the test is what popularity knows."""
    examples = joined.examples
    test = examples.where(examples.at >= asked.test_from)
    history = examples.where(examples.at < asked.test_from)
    named = rankers(asked.model, asked.incumbent, asked.prior, history, asked.test_from)
    judgement = judge(test, named, model=asked.model, prior=asked.prior, as_of=joined.as_of, places=asked.places)
    decisions = _tested(log, test)
    postings = read_postings(log)
    groups = _groups(decisions, asked, high_pay(postings))
    proxies = () if asked.labels is None else find_proxies(decisions, model=asked.model, labels=asked.labels)
    speed = measure_speed(
        asked.model, examples.matrix if len(examples) else np.zeros((1, len(FEATURE_NAMES)), np.float32)
    )
    return Assessment(
        incumbent=asked.incumbent.name,
        judgement=judgement,
        breadths={
            name: breadth(decisions, pick, postings=postings, shown=Counter(examples.job_id.tolist()))
            for name, pick in _picks(asked, history).items()
        },
        off_policy=_off_policy(test, decisions, asked, joined.as_of),
        shadowing=read_shadow(decisions, test, asked.model, places=asked.places, as_of=joined.as_of),
        groups=groups,
        proxies=proxies,
        speed_ms=speed,
        skew=largest_skew(decisions, asked.incumbent),
        verdict=verdict(judgement, [] if asked.without_groups else groups, speed, proxies),
    )


def _tested(log: Log, test: Examples) -> list[Seen]:
    """Answer the newest decisions that tested lists were made from."""
    numbers = np.unique(test.list_number)[::-1]
    bases = dict.fromkeys(test.lists[number].base for number in numbers.tolist())
    wanted = set(list(bases)[:DECISIONS_LIMIT])
    return list(read_evidence(log, wanted.__contains__))


def _off_policy(test: Examples, decisions: Sequence[Seen], asked: Question, as_of: int) -> Mapping[str, Estimates]:
    named = {CANDIDATE: asked.model, INCUMBENT: asked.incumbent}
    found = {
        name: lists_of(test, decisions, opinions_of(model), places=asked.places, as_of=as_of)
        for name, model in named.items()
    }
    return {name: estimates for name, estimates in found.items() if estimates is not None}


def _groups(decisions: Sequence[Seen], asked: Question, well_paid: frozenset[str]) -> Sequence[Cell] | None:
    if asked.labels is None:
        return None
    return compare_groups(
        decisions, model=asked.model, incumbent=asked.incumbent, labels=asked.labels, well_paid=well_paid
    )


def _picks(asked: Question, history: Examples) -> Mapping[str, Pick]:
    """Answer what each ranker would show of everything considered."""
    responses = Counter(history.job_id[history.responded_at <= asked.test_from].tolist())

    def popular(seen: Seen) -> tuple[str, ...]:
        return tuple(sorted(seen.job_ids, key=lambda job: (-responses[job], job))[:DEPTH])

    return {
        CANDIDATE: by_model(asked.model),
        INCUMBENT: by_model(asked.incumbent),
        POPULARITY: popular,
        SERVED: lambda seen: seen.job_ids[:DEPTH],
    }
