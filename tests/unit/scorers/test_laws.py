"""What holds for every decision, whatever the postings and the people."""

from dataclasses import replace
from functools import partial
from itertools import chain
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.candidate import Candidate
from schemas.decision_json import decode_decision, encode_decision
from schemas.events import Moment
from schemas.jobs import Job
from scorers.features import FEATURE_NAMES
from scorers.models import PriorModel
from scorers.overlay import lay
from scorers.pipeline import STAGE_NAMES, decide
from scorers.policy import Policy
from scorers.query import RequestContext, SelectorRequest
from scorers.reasons import CODES
from scorers.trained import usable_model
from scorers.trends import Trends
from tests.unit.scorers.builders import (
    CHANCES,
    NOW,
    a_catalog,
    a_person,
    a_query,
    decided,
    postings,
    somebody,
)
from tests.unit.scorers.musts import STRICT, breaches
from tests.unit.scorers.test_trained import a_model

TRAINED = usable_model(a_model())


def a_scene(chance: Random) -> tuple[list[Job], Candidate]:
    jobs = postings(chance)
    return jobs, somebody(chance, jobs)


SCENES = CHANCES.map(a_scene)


@settings(max_examples=300)
@given(SCENES, st.sampled_from([Policy(), STRICT]))
def test_no_choice_ever_holds_a_posting_that_breaks_a_must_have(scene, policy: Policy):
    jobs, person = scene
    by_id = {job.id: job for job in jobs}

    decision, _ = decided(person, a_catalog(*jobs), policy=policy)

    for item in chain.from_iterable(choice.items for choice in decision.choices if choice.kind == "RECS"):
        assert breaches(by_id[item.id], person, policy.rules) == []


@settings(max_examples=200)
@given(CHANCES)
def test_no_overlay_ever_shows_a_posting_that_breaks_a_must_have_or_the_request(chance: Random):
    jobs, person = a_scene(chance)
    by_id, pick = {job.id: job for job in jobs}, chance.choice
    catalog = a_catalog(*jobs)
    decision, _ = decided(person, catalog)
    gone = set(chance.choices(list(by_id), k=2))
    for name in gone:
        catalog.apply_job(name, None)
    request = SelectorRequest(
        pick(["jobs", "weekly-discoveries", "fresh-releases"]),
        count=pick([None, 1, 3, 10, 100]),
        item_id=pick([None, None, *by_id]),
        filter=pick([{}, {"workplace": ("REMOTE", "HYBRID")}, {"employmentType": ("part time",)}]),
        exclude=frozenset(chance.choices(list(by_id), k=2)),
        candidates=pick([None, tuple(chance.choices(list(by_id), k=5))]),
        offset=pick([0, 0, 4]),
    )
    context = RequestContext(pick([Moment(), Moment(latitude=50.9, longitude=7.0)]))
    stored = decode_decision(encode_decision(decision))

    choice, _ = lay(stored, request, context, catalog, Policy(), NOW)

    assert choice is not None
    assert len({item.id for item in choice.items}) == len(choice.items) <= (request.count or 6)
    for item in choice.items:
        job = by_id[item.id]
        assert breaches(job, person, Policy().rules) == []
        assert item.id not in gone | request.exclude | {request.item_id}
        assert request.candidates is None or item.id in request.candidates
        assert "workplace" not in request.filter or job.workplace in {"REMOTE", "HYBRID"}
        assert "employmentType" not in request.filter or "PART_TIME" in job.employment_types
        assert 0 < item.propensity <= 1


@settings(max_examples=100)
@given(SCENES)
def test_every_posting_is_answered_once_shown_passed_over_or_refused(scene):
    jobs, person = scene

    decision, evidence = decided(person, a_catalog(*jobs))

    assert len(set(evidence.considered)) == len(evidence.considered)
    assert not set(evidence.considered) & set(evidence.removed)
    assert len(evidence.scores) == len(evidence.considered)
    assert len(evidence.matrix) == 4 * len(evidence.features) * len(evidence.considered)
    for choice in decision.choices:
        ids = [item.id for item in choice.items]
        assert len(set(ids)) == len(ids)
        assert choice.kind == "CONTENT" or set(ids) <= set(evidence.considered)


@settings(max_examples=100)
@given(SCENES)
def test_every_propensity_is_a_probability_and_a_drawn_posting_has_that_of_its_pool(scene):
    jobs, person = scene

    decision, _ = decided(person, a_catalog(*jobs))

    for choice in decision.choices:
        assert all(0 < item.propensity <= 1 for item in choice.items)
        drawn = [item for item in choice.items if item.source == "exploration"]
        assert len(drawn) <= 1
        assert all(item.propensity == 1 for item in choice.items if item not in drawn)
        assert all(round(1 / item.propensity) == 1 / item.propensity or item.propensity < 1 for item in drawn)


@settings(max_examples=60)
@given(CHANCES)
def test_nobody_s_decision_depends_on_who_else_is_decided_for(chance: Random):
    jobs = postings(chance)
    said: list[dict[str, bool]] = [{}, {"ai_scoring": True}, {"ai_scoring": False}]
    crowd = [
        replace(somebody(chance, jobs, f"a:p-{number}"), consents=chance.choice(said))
        for number in range(chance.randint(2, 5))
    ]
    catalog, trends = a_catalog(*jobs), Trends({job.id: number + 1.0 for number, job in enumerate(jobs[:5])})

    judge = partial(decide, catalog=catalog, policy=Policy(), model=TRAINED, trends=trends, now=NOW)
    together = judge([a_query(person) for person in crowd])
    alone = [judge([a_query(person)])[0] for person in crowd]

    assert [encode_decision(made) for made, _ in together] == [encode_decision(made) for made, _ in alone]
    assert [recall() for _, recall in together] == [recall() for _, recall in alone]


@settings(max_examples=60)
@given(CHANCES)
def test_the_order_in_which_the_catalogue_was_read_decides_nothing(chance: Random):
    jobs, person = a_scene(chance)
    shuffled = chance.sample(jobs, len(jobs))
    changed = a_catalog(*shuffled)
    for job in shuffled[:3]:
        changed.apply_job(job.id, None)
        changed.apply_job(job.id, replace(job, title="Cook"))
        changed.apply_job(job.id, job)

    plain, other = decided(person, a_catalog(*jobs)), decided(person, changed)

    assert replace(plain[0], catalogue=0) == replace(other[0], catalogue=0)
    assert plain[1] == other[1]


@settings(max_examples=100)
@given(SCENES)
def test_reasons_and_the_rest_add_up_to_the_logit(scene):
    jobs, person = scene
    model = PriorModel()

    decision, evidence = decided(person, a_catalog(*jobs))

    matrix = np.frombuffer(evidence.matrix, np.float32).reshape(-1, len(FEATURE_NAMES))
    parts = model.contributions(matrix, FEATURE_NAMES)
    assert np.allclose(parts.sum(axis=1), evidence.scores)
    by_id = dict(zip(evidence.considered, parts, strict=True))
    for choice in decision.choices:
        for item in choice.items if choice.kind == "RECS" else ():
            told = sum(reason.weight for reason in item.reasons if reason.code in CODES)
            assert told <= by_id[item.id][by_id[item.id] > 0].sum() + 0.01


@settings(max_examples=100)
@given(SCENES)
def test_what_is_stored_of_a_decision_is_all_of_it(scene):
    jobs, person = scene

    decision, _ = decided(person, a_catalog(*jobs))

    assert decode_decision(encode_decision(decision)) == decision


@settings(max_examples=60)
@given(SCENES)
def test_what_a_choice_holds_does_not_depend_on_which_others_are_asked_for(scene):
    jobs, person = scene
    catalog = a_catalog(*jobs)
    judge = partial(decide, catalog=catalog, policy=Policy(), model=PriorModel(), trends=Trends(), now=NOW)

    ((everything, _),) = judge([a_query(person)])
    some = [judge([a_query(person)], selectors=[choice.selector])[0][0] for choice in everything.choices]

    assert [decision.choices for decision in some] == [(choice,) for choice in everything.choices]


def test_whoever_measures_is_told_of_each_stage_once_and_in_order():
    stages: list[str] = []
    ask = partial(decide, [a_query(a_person())], catalog=a_catalog(), policy=Policy(), model=PriorModel())

    ask(trends=Trends(), now=NOW, lap=stages.append)

    assert tuple(stages) == STAGE_NAMES
