"""No rung of the fallback ladder ever shows a posting that breaks a must-have, whatever a model says of it.

MUST_HAVE_CASES says how many pairs of a person and a posting each rung and policy is asked about; `make faults` asks about 100,000.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from random import Random

import numpy as np
import pytest

from catalog.index import Catalog
from profiles.candidate import Candidate
from schemas.decision import Decision
from schemas.decision_json import decode_decision, encode_decision
from schemas.jobs import Job
from scorers.curated import curated_decision
from scorers.limits import limits_of
from scorers.models import Logits, Matrix, Opinion
from scorers.overlay import lay
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.query import Query, RequestContext, SelectorRequest
from scorers.trends import Trends
from tests.unit.scorers.builders import NOW, a_catalog, a_person, postings, somebody
from tests.unit.scorers.musts import STRICT, breaches

CASES = int(os.environ.get("MUST_HAVE_CASES", "4000"))
PEOPLE = 24
"""How many people are asked about each catalogue."""
NOBODY = a_person("a:nobody", version={})


class Wilful:
    """A model that wants to show anything: its scores are chance, and some are no numbers."""

    name = "wilful-1"
    fit_share = 0.4

    def __init__(self, chance: Random) -> None:
        self._chance = np.random.default_rng(chance.getrandbits(32))

    def score(self, matrix: Matrix, names: Sequence[str]) -> Opinion:  # noqa: ARG002  the protocol asks for names
        joined = self._chance.normal(0, 1e3, len(matrix))
        joined[self._chance.random(len(matrix)) < 0.1] = self._chance.choice([np.inf, -np.inf, np.nan])
        return Opinion(joined, joined, joined)

    def contributions(self, matrix: Matrix, names: Sequence[str]) -> Logits:
        return self._chance.normal(0, 1e3, (len(matrix), len(names) + 1))


Scene = tuple[list[Job], Catalog, list[Candidate]]
Rung = Callable[[Scene, Policy, Random], Iterator[tuple[Candidate, list[str]]]]
"""Answers whom the rung spoke to, and which postings it showed them."""


def live(scene: Scene, policy: Policy, chance: Random) -> Iterator[tuple[Candidate, list[str]]]:
    for person, decision in _decided(scene, policy, chance):
        yield person, _listed(decision)


def last_good(scene: Scene, policy: Policy, chance: Random) -> Iterator[tuple[Candidate, list[str]]]:
    """What was stored, laid over a catalogue in which postings meanwhile ended, or ask for more."""
    jobs, catalog, _ = scene
    stored = [
        (person, decode_decision(encode_decision(decision))) for person, decision in _decided(scene, policy, chance)
    ]
    for place, job in enumerate(jobs):
        if chance.random() < 0.3:
            jobs[place] = replace(job, status=chance.choice(["OPEN", "CLOSED"]), must_haves=("licence:pilot",))
            catalog.apply_job(job.id, jobs[place])
    catalog.settle()
    for person, decision in stored:
        request = SelectorRequest("jobs", count=100, offset=chance.choice([0, 3]))
        choice, _ = lay(decision, request, RequestContext(), catalog, policy, NOW)
        yield person, [item.id for item in choice.items] if choice else []


def common(scene: Scene, policy: Policy, chance: Random) -> Iterator[tuple[Candidate, list[str]]]:
    """The segment's and the site's: decided for nobody, so that only what holds for everybody can be known."""
    for person, decision in _decided((scene[0], scene[1], [NOBODY] * len(scene[2])), policy, chance):
        yield person, _listed(decision)


def curated(scene: Scene, policy: Policy, _chance: Random) -> Iterator[tuple[Candidate, list[str]]]:
    for person in scene[2]:
        limits = limits_of(person)
        yield person, _listed(curated_decision("d", person.id, catalog=scene[1], policy=policy, now=NOW, limits=limits))


@pytest.mark.parametrize("policy", [Policy(), STRICT], ids=["lenient", "strict"])
@pytest.mark.parametrize("rung", [live, last_good, common, curated], ids=lambda rung: rung.__name__)
def test_no_rung_shows_what_breaks_a_must_have(rung: Rung, policy: Policy):
    chance, cases, shown = Random(7), 0, 0
    while cases < CASES:
        jobs = postings(chance)
        people = [somebody(chance, jobs, f"a:p-{number}") for number in range(PEOPLE)]
        scene = jobs, a_catalog(*jobs), people
        for person, names in rung(scene, policy, chance):
            by_id = {job.id: job for job in jobs}
            cases += len(jobs)
            shown += len(names)
            assert [broken for name in names if (broken := breaches(by_id[name], person, policy.rules))] == []

    assert shown > 0


def _decided(scene: Scene, policy: Policy, chance: Random) -> Iterator[tuple[Candidate, Decision]]:
    queries = [Query(person, f"d-{number}") for number, person in enumerate(scene[2])]
    made = decide(queries, catalog=scene[1], policy=policy, model=Wilful(chance), trends=Trends(), now=NOW)
    return zip(scene[2], (decision for decision, _ in made), strict=True)


def _listed(decision: Decision) -> list[str]:
    chosen = (choice.items for choice in decision.choices if choice.kind == "RECS")
    return [item.id for item in chain.from_iterable(chosen)]
