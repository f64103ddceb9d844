"""The same laws where it is tight: logs of hundreds of events that overflow every collection."""

from collections.abc import Callable
from functools import reduce
from random import Random
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.fold import fold
from profiles.sections import EMPTY, STATE_LIMIT, encode_section
from schemas.events import (
    STAGES,
    ApplicationMoved,
    ConsentChanged,
    ContentAction,
    ContentTouched,
    Event,
    JobMarked,
    JobRead,
    JobSearched,
    JobsShown,
    JobViewed,
    Mark,
    Moment,
    PageViewed,
    PreferenceSet,
    SurveyAnswered,
    Tracked,
    TraitsGiven,
)
from schemas.topics import CANDIDATE_TOPICS, Topic

START = 1_763_900_000_000
EVENTS = 400
seeds = st.integers(0, 2**32)


def overflowing(topic: Topic, chance: Random) -> list[Event]:
    """Answer a log in which ids and texts are of any length up to the longest, over 60 days, often at one time."""
    span = chance.choice([50, 10_000_000, 60 * 86_400_000])
    return [_KINDS[topic](chance, START + chance.randrange(span), f"{topic}-{number}") for number in range(EVENTS)]


def _id(chance: Random) -> str:
    return f"{chance.randrange(90):02}".rjust(chance.choice([4, 8, 36, 64]), "j")


def _text(chance: Random) -> str:
    return chance.choice(["ü", "x", "日", '"'] * 2 + ["job "]) * chance.choice([0, 3, 20, 100, 400])


def _click(chance: Random, at: int, name: str) -> Event:
    job = _id(chance)
    builders: list[Callable[[], Event]] = [
        lambda: JobsShown(at=at, id=name, job_ids=tuple(_id(chance) for _ in range(chance.randrange(1, 20)))),
        lambda: JobViewed(at=at, id=name, job_id=job, counted=chance.random() < 0.5),
        lambda: JobRead(
            at=at, id=name, job_id=job, dwell_ms=chance.randrange(90_000_000), counted=chance.random() < 0.5
        ),
        lambda: JobMarked(at=at, id=name, job_id=job, mark=chance.choice(get_args(Mark)), reason=_text(chance)),
        lambda: ContentTouched(at=at, id=name, content_id=job, action=chance.choice(get_args(ContentAction))),
    ]
    return chance.choice(builders)()


def _visit(chance: Random, at: int, name: str) -> Event:
    moment = Moment(
        session_id=_text(chance),
        device=_text(chance),
        timezone=_text(chance),
        locale=_text(chance),
        locality=_text(chance),
        region=_text(chance),
        country=_text(chance),
        latitude=-89.123,
        longitude=-179.123,
        weather=_text(chance),
        referrer=_text(chance),
        campaign={part: _text(chance) for part in ("source", "medium", "name", "term", "content")},
    )
    builders: list[Callable[[], Event]] = [
        lambda: PageViewed(at=at, id=name, moment=moment, name=_text(chance)),
        lambda: JobSearched(at=at, id=name, moment=moment, query=_text(chance), filters={_text(chance): _text(chance)}),
        lambda: Tracked(at=at, id=name, moment=moment, name=chance.choice("abcdef") * 90),
    ]
    return chance.choice(builders)()


def _application(chance: Random, at: int, name: str) -> Event:
    if chance.random() < 0.2:
        return SurveyAnswered(at=at, id=name, survey_id=_id(chance), score=-9_999.99)
    number = chance.choice([None, _id(chance)])
    return ApplicationMoved(at=at, id=name, job_id=_id(chance), stage=chance.choice(STAGES), application_id=number)  # type: ignore[arg-type]  # STAGES are the stages


def _profile(chance: Random, at: int, name: str) -> Event:
    key, value = (
        f"{chance.randrange(60)}" * chance.choice([1, 20]),
        chance.choice([_text(chance), [_text(chance)] * 5, 7, None]),
    )
    builders: list[Callable[[], Event]] = [
        lambda: TraitsGiven(at=at, id=name, traits={key: value}),
        lambda: PreferenceSet(at=at, id=name, key=key, value=value),
        lambda: ConsentChanged(at=at, id=name, purposes={key: chance.random() < 0.5}),
    ]
    return chance.choice(builders)()


_KINDS: dict[Topic, Callable[[Random, int, str], Event]] = {
    Topic.CLICKS: _click,
    Topic.SESSIONS: _visit,
    Topic.APPLICATIONS: _application,
    Topic.PROFILES: _profile,
}


@settings(max_examples=20)
@given(st.sampled_from(CANDIDATE_TOPICS), seeds)
def test_a_log_that_overflows_everything_may_still_come_in_any_order(topic, seed):
    chance = Random(seed)
    log = overflowing(topic, chance)
    shuffled = list(log)
    chance.shuffle(shuffled)

    assert encode_section(reduce(fold, shuffled, EMPTY[topic])) == encode_section(reduce(fold, log, EMPTY[topic]))


@settings(max_examples=10)
@given(seeds)
def test_a_log_that_overflows_everything_stays_within_the_limit(seed):
    chance = Random(seed)
    sections = [reduce(fold, overflowing(topic, chance), EMPTY[topic]) for topic in CANDIDATE_TOPICS]

    assert sum(len(encode_section(section)) + 21 for section in sections) <= STATE_LIMIT
