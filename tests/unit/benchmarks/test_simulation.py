"""The simulated careers site: its rules do what they say, nothing in it is left to chance, and the whole study runs."""

import asyncio
import itertools
from dataclasses import replace

import numpy as np
import orjson
import pytest

from benchmarks.simulation.clocked import READERS, Clock
from benchmarks.simulation.employers import JOINS, STANDARD, employers
from benchmarks.simulation.figures import Study
from benchmarks.simulation.house import House
from benchmarks.simulation.market import DAY, START
from benchmarks.simulation.people import population
from benchmarks.simulation.report import report
from benchmarks.simulation.rules import EXAMINED, MISTAKE, truth
from benchmarks.simulation.site import newest, oracle
from benchmarks.simulation.study import Size, again, study, world
from benchmarks.simulation.visits import Visits, at_most, tallied
from learning.evidence import read_evidence
from schemas.topics import Topic
from scorers.features import FEATURE_NAMES

TINY = Size(at_once=12, warm=3, period=1, retrainings=1, postings=150, strangers=4, after=2)
NOW = START + 3 * DAY


@pytest.fixture(scope="module")
def ground():
    return world(1, TINY, days=TINY.days)


@pytest.fixture(scope="module")
def one_study():
    told = study(1, TINY)
    return {**told, "joins": employers(1, told["heads"], TINY)}


def run(ground, site, days=TINY.days):
    visits = Visits(again(ground, TINY), site)
    visits.run(days)
    return visits


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(one_study):
    told = study(1, TINY)
    assert orjson.dumps({**told, "joins": employers(1, told["heads"], TINY)}) == orjson.dumps(one_study)
    assert orjson.dumps(study(2, TINY)["arms"]) != orjson.dumps(one_study["arms"])


def test_a_group_is_drawn_by_a_coin_that_nothing_else_looks_at(ground):
    everybody = [replace_group(person) for person in again(ground, TINY).people]
    swapped = replace(ground, people=everybody)

    before, after = run(ground, newest(ground.market)), Visits(swapped, newest(ground.market))
    after.run(TINY.days)

    assert tallied(before.tallies) == tallied(after.tallies)


def replace_group(person):
    return replace(person, group="y" if person.group == "x" else "x")


def test_places_are_looked_at_less_the_lower_they_stand():
    assert EXAMINED[0] == 1
    assert (np.diff(EXAMINED) < 0).all()


def test_what_lies_beyond_the_commute_or_below_the_pay_is_opened_less(ground):
    person, market = again(ground, TINY).people[0], ground.market
    wish = replace(person.wish, limit_km=40.0, floor=1.0, home=(40.75, -73.98))

    def opened(wish):
        return truth(person.number, wish, market, ground.known, ground.seed).opened(market, NOW)

    far_away, dear = replace(wish, limit_km=0.5), replace(wish, floor=1e6)
    on_site = ~(market.remote | market.hybrid) & (np.hypot(market.latitude - 40.75, market.longitude + 73.98) > 0.05)
    assert (opened(far_away)[on_site] < opened(wish)[on_site]).all()
    assert (opened(far_away)[market.remote] == opened(wish)[market.remote]).all()
    paid = ~np.isnan(market.pay)
    assert (opened(dear)[paid] < opened(wish)[paid]).all()
    assert (opened(dear) >= MISTAKE).all()


def test_employers_invite_who_has_the_skills_and_hardly_anybody_without_a_must_have(ground):
    person, market = again(ground, TINY).people[0], ground.market

    def invited(**changes):
        wish = replace(person.wish, **changes)
        return truth(person.number, wish, market, ground.known, ground.seed).invited

    able = invited(skills=frozenset(market.skill_names))
    asks = market.asks.sum(axis=1) > 0
    assert (able[asks] > invited(skills=frozenset())[asks]).all()
    demanding = np.array([bool(needed) for needed in market.must_haves])
    holds = invited(credentials=frozenset().union(*market.must_haves))
    assert (invited(credentials=frozenset())[demanding] < holds[demanding]).all()


def test_an_employers_mood_is_averaged_over(ground):
    wish = again(ground, TINY).people[0].wish
    drawn = [truth(number, wish, ground.market, ground.known, ground.seed) for number in range(800)]

    assert np.mean([each.invited for each in drawn], axis=0) == pytest.approx(drawn[0].inviting, abs=0.02)


def test_applications_beyond_the_weeks_limit_are_not_foreseen():
    chances = np.array([0.9, 0.2, 0.5, 0.7, 0.4])
    found = np.zeros(len(chances))
    for happens in itertools.product((True, False), repeat=len(chances)):
        applied = np.array(happens) & (np.cumsum(happens) <= 2)
        found += applied * np.prod(np.where(happens, chances, 1 - chances))

    assert at_most(2, chances) == pytest.approx(found)
    assert at_most(0, chances).tolist() == [0.0] * len(chances)


def test_what_is_foreseen_is_what_many_draws_come_to():
    """Nobody comes after the second day, and everybody is answered before the last."""
    crowd = replace(TINY, at_once=1200)
    ground = world(2, crowd, days=90)
    visits = Visits(again(ground, crowd, days=2), oracle(ground.market, ground.true, interviews=True))
    visits.run(90)

    told = tallied(visits.tallies)
    for foreseen, happened in (("applications", "applied"), ("interviews", "invited"), ("hires", "hired")):
        assert told[happened] > 50
        assert told[foreseen] == pytest.approx(told[happened], abs=3 * np.sqrt(told[happened])), happened


def test_the_lists_that_are_weighed_beside_the_standard_sites_are_as_its_own(one_study):
    joins = one_study["joins"]
    lived, beside = joins["lived"][STANDARD], joins["beside"][STANDARD]

    assert beside["exposure"] == pytest.approx(lived["exposure"])
    for name in ("lists", "exposures", "applications", "interviews", "hires"):
        assert beside[name] == pytest.approx(lived[name], rel=1e-3), name


def test_life_changes_what_people_want_on_the_day_that_was_drawn_for_it(ground):
    people = population(3, ground.market, ground.known, at_once=80, days=10, stay=30)
    moved = [(person, day) for person in people for day, kind in person.answers.items() if kind == "move"]
    assert moved
    person, day = moved[0]
    home = person.wish.home
    person.lives_on(day - 1, ground.market, 3)
    assert person.wish.home == home
    person.lives_on(day, ground.market, 3)
    assert person.wish.home != home


def test_the_oracle_gets_more_responses_than_the_newest_first(ground):
    def rate(site):
        told = tallied(run(ground, site).tallies)
        return told["expected"] / told["exposures"]

    assert rate(oracle(ground.market, ground.true, interviews=False)) > 2 * rate(newest(ground.market))


def test_the_engines_site_logs_every_list_with_what_it_was_made_from(ground):
    house = House()
    visits = run(ground, house)

    joined_lists = tallied(visits.tallies)["lists"]
    decisions = list(house.log.records(Topic.DECISIONS))
    assert len(decisions) == 2 * joined_lists


def test_what_the_marker_of_a_real_worker_sends_moves_no_list_but_what_is_drawn(ground):
    class Kept(House):
        shown: list[str]

        def lists(self, people, now):
            lists = super().lists(people, now)
            self.shown += [job for each in lists for number, job in enumerate(each.jobs, 1) if number <= 5]
            return lists

    plain, marked = Kept(), Kept(marks=[1] * 4)
    plain.shown, marked.shown = [], []
    for house in (plain, marked):
        Visits(again(ground, TINY), house).run(1)
    assert plain.shown[:5] == marked.shown[:5]


def test_all_processes_of_a_simulation_live_at_one_time(tmp_path):
    ours = Clock(tmp_path / "clock", at=NOW)
    theirs = Clock(tmp_path / "clock")
    ours.set(NOW + DAY)

    assert theirs.nanoseconds() == (NOW + DAY) * 1_000_000


async def test_a_worker_of_a_simulation_reads_when_it_is_told_and_says_so(tmp_path):
    ours, theirs = Clock(tmp_path / "clock", at=NOW), Clock(tmp_path / "clock")
    read: list[int] = []

    async def until_all_have_read(times):
        while not ours.all_have_read():
            await asyncio.sleep(0)
        assert len(read) == times

    async def reads():
        read.append(1)

    readers = [asyncio.create_task(theirs.read_on(reads, seconds=0, unread="")) for _ in range(READERS)]
    await until_all_have_read(READERS)
    ours.say_read()
    assert not ours.all_have_read()
    await until_all_have_read(2 * READERS)

    for reader in readers:
        reader.cancel()


def test_the_engines_site_knows_what_others_looked_at_as_a_worker_does():
    crowded = replace(TINY, at_once=40, postings=60)
    house = House()
    Visits(world(1, crowded, days=crowded.days), house).run(crowded.days)

    seen = list(read_evidence(house.log, lambda _: True))
    for name in ("viewed_together", "appeal", "trending"):
        assert any(each.matrix[:, FEATURE_NAMES.index(name)].any() for each in seen), name


def test_a_study_is_told_with_every_site_and_called_a_simulation(one_study, tmp_path):
    studies = [Study(one_study), Study({**one_study, "seed": 2})]

    text = report(studies, {}, tmp_path)

    assert "simulation" in text.splitlines()[2]
    assert all(name in text for name in ("newest", "popular", "last place", "oracle", "prior", "learning"))
    assert "2 seeds" in text
    assert all(f"| {name} |" in text for name in JOINS)
    assert {file.name for file in tmp_path.iterdir()} >= {"responses.svg", "strangers.svg"}
