"""Laws of verdicts: until a verdict's time, nothing but an event may turn it."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from profiles.candidate import Stored, merge
from profiles.conditions import Age, AllOf, AnyOf, Application, Count, Not, Range, Recency, Subject
from profiles.fold import fold
from profiles.sections import EMPTY
from schemas.topics import CANDIDATE_TOPICS
from tests.properties.strategies import DAY_MS, START, logs

windows = st.sampled_from([1, 2, 7, 30]).map(lambda days: days * DAY_MS)
kinds = st.sampled_from(["job_viewed", "job_saved", "page_viewed", "application_started"])
ages = st.one_of(
    st.builds(lambda window: Age(within_ms=window), windows),
    st.builds(lambda window: Age(older_than_ms=window), windows),
    st.builds(lambda window: Age(within_ms=2 * window, older_than_ms=window), windows),
)
ranges = st.one_of(
    st.builds(lambda least: Range(least=least), st.integers(0, 4)),
    st.builds(lambda most: Range(most=most), st.integers(0, 4)),
    st.builds(lambda least: Range(least=least, most=least + 1), st.integers(0, 4)),
)
leaves = st.one_of(
    st.builds(
        lambda kind, amount, days: Count((kind,), amount, days), kinds, ranges, st.sampled_from([None, 1, 2, 7, 30])
    ),
    st.builds(Recency, st.one_of(kinds, st.sampled_from(["any", "first_visit"])), ages),
    st.builds(lambda stage, age: Application(frozenset({stage}), age), st.sampled_from(["started", "submitted"]), ages),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda some: AllOf(tuple(some)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda some: AnyOf(tuple(some)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(Not, inner),
    ),
    max_leaves=5,
)


@st.composite
def candidates(draw):
    return merge(
        "u:ann",
        {
            (topic, "u:ann"): Stored(reduce(fold, draw(logs(topic, max_size=8)), EMPTY[topic]), 0)
            for topic in CANDIDATE_TOPICS
        },
    )


@given(conditions, candidates(), st.integers(0, 40 * DAY_MS), st.integers(0, 100 * DAY_MS))
def test_a_verdict_stays_until_its_time(condition, candidate, after, later):
    now = START + after
    verdict = condition.verdict(Subject(candidate, {}, now))
    last = now + later if verdict.until is None else min(now + later, verdict.until - 1)

    assert verdict.until is None or verdict.until > now
    assert condition.verdict(Subject(candidate, {}, last)).holds == verdict.holds


@given(leaves, candidates(), st.integers(0, 40 * DAY_MS))
def test_a_single_condition_turns_exactly_at_its_time(condition, candidate, after):
    verdict = condition.verdict(Subject(candidate, {}, START + after))
    exact = not isinstance(condition, Application)

    if verdict.until is not None and exact:
        assert condition.verdict(Subject(candidate, {}, verdict.until)).holds != verdict.holds


@given(conditions, candidates(), st.integers(0, 40 * DAY_MS))
def test_not_turns_a_verdict_and_keeps_its_time(condition, candidate, after):
    subject = Subject(candidate, {}, START + after)
    verdict, opposite = condition.verdict(subject), Not(condition).verdict(subject)

    assert (opposite.holds, opposite.until) == (not verdict.holds, verdict.until)
