"""What every profile store promises, asked of each of them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from profiles.answers import UNWRITTEN, Answer, decode_answers
from profiles.candidate import Stored
from profiles.counts import LAYOUT, Counts, Tally, added, additions
from profiles.feed import AppliedFeed
from profiles.fold import fold
from profiles.identity import Link
from profiles.memory_store import MemoryStore
from profiles.pseudonym import pseudonym
from profiles.redis_store import RedisStore
from profiles.sections import EMPTY, Section, encode_section
from profiles.store import (
    ANSWERS_LIMIT,
    Advance,
    Announcement,
    Commit,
    DecisionPut,
    Outcome,
    ProfileStore,
    TopicPartition,
    Written,
)
from profiles.trails import ENDED, Trail
from schemas.decision import Decision
from schemas.decision_json import encode_decision
from schemas.events import ConsentChanged, JobsShown, JobViewed
from schemas.topics import Topic

CLICKS_0 = TopicPartition(Topic.CLICKS, 0)
CLICKS_1 = TopicPartition(Topic.CLICKS, 1)
KEY = (Topic.CLICKS, "u:ada")
HOUR = 3_600_000


async def answers(store, *candidates):
    """Answer what is kept of these ids' answers about consent."""
    return [answer for each in candidates for answer in decode_answers((await store.kept(each)).answers)]


@pytest.fixture(params=["memory", "redis"])
async def store(request) -> AsyncIterator[ProfileStore]:
    if request.param == "memory":
        yield MemoryStore()
    else:
        kept = RedisStore.open(request.getfixturevalue("redis_url"))
        yield kept
        await kept.close()


def viewed(job: str, at: int = 1) -> Section:
    return fold(EMPTY[Topic.CLICKS], JobViewed(at=at, id=f"m-{job}", job_id=job))


def commit(generation: str, expected: int | None, following: int, *, job: str = "j-1", **more) -> Commit:
    return Commit(
        generation=generation,
        checkpoints={CLICKS_0: Advance(expected, following)},
        sections={KEY: (following - 1, encode_section(viewed(job)))},
        **more,
    )


def link(anonymous: str, user: str = "u:ada", at: int = 1, message: str = "m") -> Link:
    return Link(anonymous, user, at, message, verified=True)


def no(candidate: str, name: str, at: int) -> Answer:
    return Answer(candidate, name, given=False, at=at)


def decision(version: dict[str, int], at: int = 1, candidate: str = "u:ada") -> Decision:
    return Decision(f"d-{at}", candidate, at, version, ())


async def test_a_commit_moves_the_checkpoint_and_the_sections_together(store):
    generation = await store.generation()

    assert await store.commit(commit(generation, None, 10)) is Outcome.APPLIED
    assert await store.checkpoints([CLICKS_0, CLICKS_1]) == {CLICKS_0: 10, CLICKS_1: None}
    found = await store.sections([KEY, (Topic.SESSIONS, "u:ada")])
    assert {key: (stored.offset, stored.section) for key, stored in found.items()} == {KEY: (9, viewed("j-1"))}


async def test_a_commit_that_is_sent_twice_has_its_effect_once(store):
    generation = await store.generation()
    twice = commit(generation, None, 10, trends={0: {"j-1": 1.0}})
    await store.commit(twice)

    assert await store.commit(twice) is Outcome.DONE
    assert await store.trends(0) == {"j-1": 1.0}


@pytest.mark.parametrize("expected", [None, 5, 11])
async def test_a_commit_that_expects_another_checkpoint_changes_nothing(store, expected):
    generation = await store.generation()
    await store.commit(commit(generation, None, 10))
    before = await store.digest()

    assert await store.commit(commit(generation, expected, 20, job="j-2")) is Outcome.FENCED
    assert (await store.digest(), await store.checkpoints([CLICKS_0])) == (before, {CLICKS_0: 10})


async def test_one_partition_out_of_step_refuses_the_whole_commit(store):
    generation = await store.generation()
    await store.commit(commit(generation, None, 10))
    both = Commit(
        generation,
        {CLICKS_0: Advance(10, 20), CLICKS_1: Advance(3, 4)},
        {KEY: (19, encode_section(viewed("j-2")))},
    )

    assert await store.commit(both) is Outcome.FENCED
    assert await store.checkpoints([CLICKS_0, CLICKS_1]) == {CLICKS_0: 10, CLICKS_1: None}


async def test_a_commit_to_a_generation_that_is_not_live_is_refused(store):
    live = await store.generation()
    other = await store.create_generation()
    await store.building(other).commit(commit(other, None, 5))

    assert await store.commit(commit(other, 5, 6)) is Outcome.MOVED
    assert await store.swap(live, other)
    assert await store.commit(commit(live, None, 10)) is Outcome.MOVED
    assert await store.commit(commit(other, 5, 6)) is Outcome.APPLIED


async def test_a_deleted_generation_takes_no_commits_and_leaves_nothing(store):
    live = await store.generation()
    other = await store.create_generation()
    building = store.building(other)
    await building.commit(commit(other, None, 5))

    assert await store.delete_generation(other) > 0
    assert await building.commit(commit(other, 5, 6)) is Outcome.MOVED
    assert await store.generations() == [live]
    assert await building.sections([KEY]) == {}


async def test_the_live_generation_cannot_be_deleted(store):
    with pytest.raises(ValueError, match="live generation"):
        await store.delete_generation(await store.generation())


async def test_a_swap_from_a_generation_that_is_not_live_does_nothing(store):
    live = await store.generation()
    other = await store.create_generation()

    assert not await store.swap(other, live)
    assert await store.generation() == live


async def test_reads_follow_a_swap_at_once(store):
    live = await store.generation()
    other = await store.create_generation()
    await store.building(other).commit(commit(other, None, 5, job="j-9"))
    await store.sections([KEY])
    await store.swap(live, other)

    assert (await store.sections([KEY]))[KEY].section == viewed("j-9")
    assert await store.checkpoints([CLICKS_0]) == {CLICKS_0: 5}


async def test_equal_states_have_equal_digests_whatever_the_offsets_and_the_store(store):
    generation = await store.generation()
    await store.commit(commit(generation, None, 10, links=[link("a:x", at=2), link("a:y!"), link("a:y")]))
    twin = MemoryStore()
    links = [link("a:y"), link("a:y!"), link("a:x"), link("a:x", at=2)]
    sections = {KEY: (70, encode_section(viewed("j-1")))}
    await twin.commit(Commit("g1", {CLICKS_1: Advance(None, 99)}, sections, links))

    assert await store.digest() == await twin.digest()


async def test_different_states_have_different_digests(store):
    generation = await store.generation()
    digests = {await store.digest()}
    for following, job, links in ((1, "j-1", []), (2, "j-2", []), (3, "j-2", [link("a:x")])):
        await store.commit(commit(generation, following - 1 or None, following, job=job, links=links))
        digests.add(await store.digest())

    assert len(digests) == 4


async def test_the_latest_link_wins_in_whatever_order_links_come(store):
    generation = await store.generation()
    late, early = link("a:x", "u:bob", at=20), link("a:x", "u:ada", at=10)
    await store.commit(commit(generation, None, 1, links=[late]))
    await store.commit(commit(generation, 1, 2, links=[early]))

    who = await store.identities(["a:x"])
    assert who.redirects == {"a:x": "u:bob"}
    assert who.links == {"u:bob": (late,)}
    assert (await store.identities(["u:ada"])).redirects == {"a:x": "u:bob"}


async def test_a_user_id_with_a_bar_does_not_break_a_link(store):
    generation = await store.generation()
    await store.commit(commit(generation, None, 1, links=[link("a:x", "u:a|b")]))

    assert (await store.identities(["a:x"])).redirects == {"a:x": "u:a|b"}


async def test_a_user_keeps_only_the_newest_links(store):
    generation = await store.generation()
    links = [link(f"a:{n}", at=n) for n in range(40)]
    for following, each in enumerate(reversed(links), 1):
        await store.commit(commit(generation, following - 1 or None, following, links=[each]))

    kept = (await store.identities(["u:ada"])).links["u:ada"]
    assert [each.at for each in kept] == list(range(39, 31, -1))


async def test_attempts_are_counted_for_each_record(store):
    counted = [await store.attempt(CLICKS_0, 7), await store.attempt(CLICKS_0, 7), await store.attempt(CLICKS_0, 8)]

    assert counted == [1, 2, 1]


async def test_a_decision_is_kept_over_one_that_saw_less(store):
    old, new = decision({"clicks/u:ada": 1}), decision({"clicks/u:ada": 2, "sessions/u:ada": 0}, at=2)
    answers = [(await store.put_decisions([DecisionPut(each)]))[0].written for each in (old, new, old)]

    assert answers == [Written.WRITTEN, Written.WRITTEN, Written.OUTDATED]
    assert await store.decision("u:ada") == encode_decision(new)
    assert await store.decision("u:bob") is None


async def test_of_two_decisions_that_saw_the_same_the_later_is_kept(store):
    first, second = decision({"clicks/u:ada": 1}, at=1), decision({"clicks/u:ada": 1}, at=2)
    answers = [(await store.put_decisions([DecisionPut(each)]))[0].written for each in (second, first)]

    assert answers == [Written.WRITTEN, Written.OUTDATED]
    assert await store.decision("u:ada") == encode_decision(second)


async def test_decisions_that_crossed_are_refused_until_made_again_over_what_was_seen(store):
    ours, theirs = decision({"clicks/u:ada": 5}), decision({"clicks/u:ada": 4, "sessions/u:ada": 1})
    await store.put_decisions([DecisionPut(theirs)])
    crossed = (await store.put_decisions([DecisionPut(ours)]))[0]
    again = (await store.put_decisions([DecisionPut(ours, over=crossed.over)]))[0]

    assert (crossed.written, again.written) == (Written.CONFLICT, Written.WRITTEN)
    assert await store.decision("u:ada") == encode_decision(ours)


async def test_segments_move_with_the_decision(store):
    first = DecisionPut(decision({"clicks/u:ada": 1}), {"warm": 7}, {}, due=100, news={"n-1": b"{}"})
    second = DecisionPut(decision({"clicks/u:ada": 2}), {"cold": 9}, {"warm": 7}, news={"n-2": b"[]"})

    await store.put_decisions([first])
    assert await store.members("warm") == [("u:ada", 7)]
    assert (await store.due(99), await store.due(100)) == ([], ["u:ada"])
    await store.put_decisions([second])
    assert (await store.members("warm"), await store.member_count("cold")) == ([], 1)
    assert await store.memberships(["u:ada", "u:bob"]) == {"u:ada": {"cold": 9}, "u:bob": {}}
    assert await store.due(1000) == []
    assert await store.untold() == {"n-1", "n-2"}
    await store.settle_news(["n-1"])
    assert await store.untold() == {"n-2"}
    assert await store.news(["n-1", "n-2"]) == {"n-2": b"[]"}


async def test_a_change_of_segments_that_did_not_see_the_last_one_is_refused(store):
    await store.put_decisions([DecisionPut(decision({"clicks/u:ada": 1}), {"warm": 7}, {})])
    blind = DecisionPut(decision({"clicks/u:ada": 2}), {"warm": 8}, {}, news={"n": b"{}"})

    assert (await store.put_decisions([blind]))[0].written is Written.CONFLICT
    assert await store.memberships(["u:ada"]) == {"u:ada": {"warm": 7}}
    assert await store.untold() == set()


async def test_what_is_committed_is_undecided_until_that_offset_is_settled(store):
    generation = await store.generation()
    await store.commit(commit(generation, None, 10))
    await store.commit(commit(generation, 10, 20))

    await store.settle({KEY: 9})
    assert await store.undecided() == {KEY: 19}
    await store.settle({KEY: 19})
    assert await store.undecided() == {}


async def test_trends_decay_by_the_hour_and_end(store):
    generation = await store.generation()
    await store.commit(commit(generation, None, 1, trends={100: {"old": 8.0, "both": 4.0}, 112: {"both": 1.0}}))

    assert await store.trends(112 * HOUR, half_life_hours=12) == {"old": 4.0, "both": 3.0}
    assert await store.trends(500 * HOUR) == {}


async def test_bytes_of_a_candidate_grow_with_what_is_kept(store):
    generation = await store.generation()
    nothing = await store.bytes_of("u:ada")
    await store.commit(commit(generation, None, 1))

    assert nothing == 0
    assert await store.bytes_of("u:ada") > 50


async def test_candidates_are_walked_over(store):
    generation = await store.generation()
    sections = {(topic, each): (0, encode_section(EMPTY[topic])) for topic in EMPTY for each in ("u:a:b", "a:c")}
    await store.commit(Commit(generation, {CLICKS_0: Advance(None, 1)}, sections))

    assert {each async for each in store.candidates()} == {"u:a:b", "a:c"}


async def test_commits_and_what_is_said_about_consent_are_announced_from_the_empty_announcement_on(store):
    generation = await store.generation()
    heard = []

    async def listen():
        async for announcement in store.announcements():
            heard.append(announcement)
            if len(heard) == 3:
                return

    listening = asyncio.create_task(listen())
    while not heard:
        await asyncio.sleep(0.01)
    await store.commit(commit(generation, None, 1, links=[link("a:x")]))
    await store.note_answers([no("a:x", "email", 5), no("a:y", "sms", 6)])
    async with asyncio.timeout(5):
        await listening

    began, committed, answered = heard
    assert began == Announcement()
    assert committed == Announcement({CLICKS_0: 1})
    assert (answered.following, sorted(answered.answered)) == ({}, ["a:x", "a:y", "u:ada"])


async def test_who_waits_for_a_record_is_woken_when_it_is_applied_and_not_before(store):
    generation = await store.generation()
    loop = asyncio.get_running_loop()
    async with AppliedFeed(store) as feed:
        early = await feed.wait({CLICKS_0: 0}, loop.time() + 0.05)
        waiting = asyncio.create_task(feed.wait({CLICKS_0: 0}, loop.time() + 10))
        await asyncio.sleep(0.05)
        was_done = waiting.done()
        await store.commit(commit(generation, None, 1))

        assert (early, was_done, await waiting) == (False, False, True)
        assert await feed.wait({CLICKS_0: 0}, loop.time())


async def test_a_deleted_section_is_gone_and_nobody_is_left_to_decide_for(store):
    live = await store.generation()
    await store.commit(commit(live, None, 1))

    outcome = await store.commit(Commit(live, {CLICKS_0: Advance(1, 2)}, deleted=[KEY]))

    assert outcome is Outcome.APPLIED
    assert await store.sections([KEY]) == {}
    assert await store.undecided() == {}
    assert await store.checkpoints([CLICKS_0]) == {CLICKS_0: 2}


async def test_of_who_is_forgotten_nothing_stays_beside_the_sections(store):
    live = await store.generation()
    links = [link("a:x"), link("a:y"), link("a:z", "u:bob")]
    await store.commit(commit(live, None, 1, links=links))
    for each in ("u:ada", "a:x", "u:bob"):
        decision = Decision("d", each, 1, {f"clicks/{each}": 1}, ())
        await store.put_decisions([DecisionPut(decision, {"s": 1}, {}, due=1)])
    await store.note_answers([no(each, "email", 1) for each in ("u:ada", "a:x", "u:bob")])

    await store.forget({"u:ada": 1, "a:x": 1})
    again = await store.forget({"u:ada": 1, "a:x": 1, "a:never": 1})

    assert again == 0
    assert await store.decision("u:ada") is None
    assert await answers(store, "u:ada", "a:x", "u:bob") == [no("u:bob", "email", 1)]
    assert await store.members("s") == [("u:bob", 1)]
    assert await store.due(10) == ["u:bob"]
    known = await store.identities(["u:ada", "a:x", "a:y", "u:bob"])
    assert set(known.links) == {"u:bob"}
    assert set(known.redirects) == {"a:z"}


async def test_a_no_stands_beside_the_decision_of_whom_it_concerns_until_it_is_settled(store):
    live = await store.generation()
    await store.commit(commit(live, None, 1, links=[link("a:x")]))
    await store.put_decisions([DecisionPut(Decision("d", "u:ada", 1, {"clicks/u:ada": 1}, ()))])

    concerned = await store.note_answers([no("a:x", "email", 5), no("a:y", "sms", 6)])
    kept = await store.kept("u:ada")

    assert sorted(concerned) == ["a:x", "a:y", "u:ada"]
    assert kept.decision == await store.decision("u:ada")
    assert decode_answers(kept.answers) == (no("a:x", "email", 5),)
    assert await answers(store, "a:x", "a:y", "a:z") == [
        no("a:x", "email", 5),
        no("a:y", "sms", 6),
    ]
    assert await store.kept("a:z") == (None, None)

    await store.note_answers([no("u:ada", "sms", 7)])
    await store.settle_answers("u:ada", kept.answers)
    assert len(await answers(store, "u:ada")) == 2
    await store.settle_answers("u:ada", (await store.kept("u:ada")).answers)
    assert await store.kept("u:ada") == (kept.decision, None)


async def test_sections_are_answered_as_they_are_once_the_answers_are_folded(store):
    live = await store.generation()
    await store.commit(commit(live, None, 1))
    keys = [KEY, (Topic.PROFILES, "u:ada"), (Topic.PROFILES, "u:bob")]
    plain = await store.sections(keys)
    assert await store.sections_as_told(keys) == plain
    assert await store.sections_as_told([]) == {}

    await store.note_answers([no("u:ada", "email", 5)])
    told = await store.sections_as_told(keys)

    said = fold(EMPTY[Topic.PROFILES], ConsentChanged(at=5, id="", purposes={"email": False}))
    assert told == {**plain, (Topic.PROFILES, "u:ada"): Stored(said, UNWRITTEN)}
    assert await store.sections(keys) == plain


async def test_a_yes_is_kept_beside_a_no_that_it_gives_back_and_for_nothing_else(store):
    await store.generation()
    refused, yes = [Answer("a:x", "email", given=given, at=5 + given) for given in (False, True)]

    await store.note_answers([yes])
    assert await store.kept("a:x") == (None, None)

    await store.note_answers([refused, Answer("a:x", "sms", given=True, at=7)])
    await store.note_answers([yes])
    assert sorted(await answers(store, "a:x")) == [refused, yes]


async def test_what_is_taken_back_twice_or_late_is_kept_once_as_of_the_latest_time(store):
    await store.generation()
    for at in (5, 9, 7):
        await store.note_answers([no("a:x y", "email", at), no("a:x y", "sms", at)])

    assert sorted(await answers(store, "a:x y")) == [
        no("a:x y", "email", 9),
        no("a:x y", "sms", 9),
    ]


async def test_browsers_that_lead_to_a_user_push_out_nothing_of_what_the_user_took_back(store):
    live = await store.generation()
    browsers = [f"a:{number}" for number in range(ANSWERS_LIMIT + 2)]
    await store.commit(commit(live, None, 1, links=[link(each) for each in browsers]))

    await store.note_answers([no("u:ada", "email", 1)])
    await store.note_answers([no(each, "email", at) for at, each in enumerate(browsers, 2)])

    kept = {each.candidate for each in await answers(store, "u:ada")}
    assert kept == {"u:ada", *browsers[2:]}


async def test_a_link_of_after_an_erasure_stays(store):
    live = await store.generation()
    await store.commit(commit(live, None, 1, links=[link("a:x", at=5), link("a:y", at=9)]))

    await store.forget({"u:ada": 5, "a:x": 5, "a:y": 5})

    known = await store.identities(["u:ada"])
    assert [each.anonymous for each in known.links["u:ada"]] == ["a:y"]
    assert known.redirects == {"a:y": "u:ada"}


async def test_trails_are_told_in_the_order_in_which_they_moved(store):
    await store.trails.put({"ada": Trail(("j-1", "j-2")), "bob": Trail(("j-3", "j-4")), "cy": Trail(("j-5", "j-6"))})
    first = await store.trails.changes(None, 0, limit=2)
    assert (first.since, dict(first.trails)) == (0, {"ada": Trail(("j-1", "j-2")), "bob": Trail(("j-3", "j-4"))})

    rest = await store.trails.changes(first.generation, first.move)
    assert dict(rest.trails) == {"cy": Trail(("j-5", "j-6"))}

    await store.trails.put({"ada": Trail(("j-2", "j-9")), "bob": ENDED, "nobody": ENDED})
    moved = await store.trails.changes(rest.generation, rest.move)
    assert dict(moved.trails) == {"ada": Trail(("j-2", "j-9")), "bob": ENDED}
    assert (await store.trails.changes(moved.generation, moved.move)).trails == {}


async def test_a_trail_keeps_its_hours_and_segments(store):
    trail = Trail(("j-1", "j-2"), (480_000, 480_001), ("engineering", "remote-minded"))

    await store.trails.put({"ada": trail})

    assert (await store.trails.changes(None, 0)).trails == {"ada": trail}


async def test_a_store_that_forgot_tells_its_trails_from_the_beginning(store):
    await store.trails.put({"ada": Trail(("j-1", "j-2"))})

    again = await store.trails.changes(await store.generation(), 99)

    assert (again.since, list(again.trails)) == (0, ["ada"])


async def test_who_is_forgotten_leaves_no_trail(store):
    await store.trails.put({pseudonym("u:ada"): Trail(("j-1", "j-2"))})

    await store.forget({"u:ada": 1})

    assert set((await store.trails.changes(None, 0)).trails.values()) <= {ENDED}


async def test_trails_belong_to_a_generation(store):
    await store.trails.put({"ada": Trail(("j-1", "j-2"))})
    building = store.building(await store.create_generation())

    await building.trails.put({"bob": Trail(("j-3", "j-4"))})

    assert list((await store.trails.changes(None, 0)).trails) == ["ada"]
    assert list((await building.trails.changes(None, 0)).trails) == ["bob"]


def tallied(*events) -> Counts:
    tally = Tally()
    for event in events:
        tally.add(event, event.at)
    return tally.counts


async def counts_of(store: ProfileStore) -> dict[str, tuple[float, ...]]:
    return {job: LAYOUT.unpack(value) for job, value in (await store.counts.changes(None, 0)).counts.items()}


async def test_what_happens_to_postings_is_counted_once_whatever_the_era(store):
    generation, week = await store.generation(), 7 * 24 * HOUR
    now = 513 * 24 * HOUR * 60
    first = tallied(
        JobsShown(at=now - week, id="a", job_ids=("j-1", "j-2")), JobViewed(at=now - 30 * week, id="b", job_id="j-1")
    )
    second = tallied(
        JobViewed(at=now, id="c", job_id="j-1", position=2), JobViewed(at=now - 60 * week, id="d", job_id="j-2")
    )
    expected: dict[str, bytes] = {}
    for counts in (first, second):
        for eras, job, slots in additions(counts):
            expected[job] = added(expected.get(job), eras, slots)

    await store.commit(commit(generation, None, 1, counts=first))
    assert await store.commit(commit(generation, None, 1, counts=first)) is Outcome.DONE
    assert await store.commit(commit(generation, 7, 9, counts=second)) is Outcome.FENCED
    await store.commit(commit(generation, 1, 2, counts=second))

    assert await counts_of(store) == {
        job: pytest.approx(LAYOUT.unpack(row), rel=1e-12) for job, row in expected.items()
    }


async def test_only_postings_that_were_counted_since_are_told(store):
    generation = await store.generation()
    for number in range(3):
        seen = tallied(JobViewed(at=HOUR, id=f"m-{number}", job_id=f"j-{number}"))
        await store.commit(commit(generation, number or None, number + 1, counts=seen))
    first = await store.counts.changes(None, 0, limit=2)

    rest = await store.counts.changes(first.generation, first.move)

    assert (list(first.counts), list(rest.counts)) == (["j-0", "j-1"], ["j-2"])
    assert (await store.counts.changes(rest.generation, rest.move)).counts == {}
