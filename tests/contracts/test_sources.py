"""What every source promises. A new source registers in SOURCES, and here who gets something from it."""

from collections.abc import Callable

import pytest

from profiles.candidate import Candidate
from profiles.preferences import WantedPlace
from schemas.override import Override
from scorers.crowd import Crowd, gather
from scorers.overrides import Overrides
from scorers.policy import Pin, Policy
from scorers.sessions import Sessions
from scorers.sources import SOURCES, Source
from scorers.sources.proposals import Proposals
from scorers.trends import Trends
from tests.unit.scorers.builders import NOW, a_catalog, a_job, a_person, a_query, asked, at_town, looking_for

OVERRIDE = Override("ov-1", "pin", "j-4", "anna", "opening", NOW - 1, NOW + 1, selector="jobs")
POLICY = Policy(pins=(Pin("jobs", "j-3"),), overrides=Overrides((OVERRIDE,)))
BOUND = 600
"""No source proposes more than this to one person."""

SAMPLES: dict[str, Callable[[], Candidate]] = {
    "override": a_person,
    "pin": a_person,
    "stated": lambda: a_person(preferences=asked(occupations=("nurses",), places=(WantedPlace("", 50.7, 7.1), "Bonn"))),
    "together": lambda: a_person(viewed=["j-1"]),
    "neighbours": lambda: a_person(viewed=["j-1"]),
    "interest": lambda: a_person(viewed=["j-1", "j-2"], searches=looking_for("nurse", city="Bonn")),
    "near": lambda: a_person(session=at_town("Bonn"), viewed=["j-1"]),
    "fresh": lambda: a_person(viewed=["j-1"]),
    "trending": lambda: a_person(viewed=["j-1"]),
    "pool": lambda: a_person(viewed=["j-1"]),
}


def _crowd(*people: Candidate, size: int = 40) -> Crowd:
    catalog = a_catalog(*[a_job(f"j-{number}", posted_at=NOW - number) for number in range(size)])
    trends = Trends({f"j-{number}": float(number) for number in range(size)})
    sessions = Sessions()
    for number in range(3, 40, 2):
        sessions.put(f"s-{number}", ["j-1", f"j-{number}"])
    return gather(
        [a_query(person) for person in people],
        catalog=catalog,
        policy=POLICY,
        trends=trends,
        now=NOW,
        sessions=sessions,
    )


def _proposed(source: Source, crowd: Crowd) -> list[tuple[int, str, int]]:
    into = Proposals()
    source.propose(crowd, into)
    person, row, weight, _ = into.joined()
    return [
        (who, crowd.catalog.ids[at], heavy)
        for who, at, heavy in zip(person.tolist(), row.tolist(), weight.tolist(), strict=True)
    ]


def test_every_source_has_a_sample():
    assert set(SAMPLES) == {source.name for source in SOURCES}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
class TestEverySource:
    def test_proposes_something_to_whom_it_is_for(self, source: Source):
        assert _proposed(source, _crowd(SAMPLES[source.name]()))

    def test_proposes_to_the_right_person(self, source: Source):
        alone = _proposed(source, _crowd(SAMPLES[source.name]()))

        both = _proposed(source, _crowd(a_person("a:nobody"), SAMPLES[source.name]()))

        assert [(job, weight) for who, job, weight in both if who == 1] == [(job, weight) for _, job, weight in alone]

    def test_proposes_the_same_to_the_same(self, source: Source):
        assert _proposed(source, _crowd(SAMPLES[source.name]())) == _proposed(source, _crowd(SAMPLES[source.name]()))

    def test_proposes_each_posting_once_with_a_weight(self, source: Source):
        found = _proposed(source, _crowd(SAMPLES[source.name]()))

        assert len({job for _, job, _ in found}) == len(found)
        assert all(weight > 0 for _, _, weight in found)

    def test_proposes_no_more_from_a_large_catalogue(self, source: Source):
        assert len(_proposed(source, _crowd(SAMPLES[source.name](), size=2_000))) <= BOUND

    def test_proposes_only_what_is_listed(self, source: Source):
        crowd = _crowd(SAMPLES[source.name]())
        for number in range(0, 40, 2):
            crowd.catalog.apply_job(f"j-{number}", None)

        again = gather(
            crowd.queries, catalog=crowd.catalog, policy=POLICY, trends=crowd.trends, now=NOW, sessions=crowd.sessions
        )

        assert all(int(job.removeprefix("j-")) % 2 for _, job, _ in _proposed(source, again))

    def test_has_nothing_to_say_about_an_empty_catalogue(self, source: Source):
        crowd = gather([a_query(SAMPLES[source.name]())], catalog=a_catalog(), policy=POLICY, trends=Trends(), now=NOW)

        assert _proposed(source, crowd) == []
