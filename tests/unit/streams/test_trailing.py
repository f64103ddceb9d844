"""Whose views become a trail: theirs who may be profiled, once for each person, for as long as that is so."""

from dataclasses import replace

import pytest

from profiles.candidate import merge
from profiles.erasures import Erasures, Standing, encode_standing
from profiles.pseudonym import pseudonym
from profiles.store import TopicPartition
from profiles.trails import Trail
from profiles.trends import HOUR_MS
from schemas.messages import Message
from schemas.topics import Topic
from scorers.segment_trends import SegmentLooks
from streams.deciding import Deciding
from streams.replay import Nothing
from tests.unit.streams.records import NAMES, Desk, a_record, a_run, a_view
from tests.unit.streams.test_deciding import NOW, a_bench

PROFILES = TopicPartition(Topic.PROFILES, 0)
REFUSED = {"analytics": False}


def a_decider(
    desk: Desk, erasures: Erasures | None = None, *, trending: str | None = None, clock=lambda: NOW
) -> Deciding:
    return Deciding(
        store=desk.store,
        sink=desk.sink,
        names=NAMES,
        bench=a_bench(),
        clock=clock,
        erasures=Erasures() if erasures is None else erasures,
        looks=SegmentLooks({} if trending is None else {trending: trending}),
    )


async def trails(desk: Desk) -> dict[str, list[str]]:
    changes = await desk.store.trails.changes(None, 0)
    return {name: list(trail.items) for name, trail in changes.trails.items() if trail.items}


async def decided(desk: Desk, decider: Deciding, *messages: Message) -> None:
    await decider.decide(
        await desk.folder().apply([a_run(*[a_record(n, each) for n, each in enumerate(messages)])]), Nothing()
    )
    await decider.told()


def views(*jobs: str, user: str | None = "ada", **more) -> list[Message]:
    return [a_view(job, user=user, at=NOW - 100 + n, **more) for n, job in enumerate(jobs)]


async def test_what_somebody_looked_at_becomes_a_trail_under_a_pseudonym():
    desk = Desk()
    await decided(desk, a_decider(desk), *views("j-1", "j-2", "j-1", "j-3"))

    assert await trails(desk) == {pseudonym("u:ada"): ["j-2", "j-1", "j-3"]}


@pytest.mark.parametrize(("trending", "named"), [("viewers", ("viewers",)), ("others", ()), (None, ())])
async def test_a_trail_names_hours_and_those_of_the_persons_segments_that_trend(trending, named):
    desk, hour = Desk(), NOW // HOUR_MS
    await decided(desk, a_decider(desk, trending=trending), *views("j-1", "j-2"))

    assert (await desk.store.trails.changes(None, 0)).trails == {
        pseudonym("u:ada"): Trail(("j-1", "j-2"), (hour, hour), named)
    }


async def test_a_change_of_segments_alone_moves_no_trail():
    desk, moments = Desk(), [NOW]
    decider = a_decider(desk, trending="viewers", clock=lambda: moments[-1])
    await decided(desk, decider, *views("j-1", "j-2"))
    moved = await desk.store.trails.changes(None, 0)

    moments.append(NOW + 8 * 24 * HOUR_MS)
    await decider.decide_for(["u:ada"], Nothing())

    assert await desk.store.memberships(["u:ada"]) == {"u:ada": {}}
    assert (await desk.store.trails.changes(moved.generation, moved.move)).trails == {}


async def test_one_posting_makes_no_trail():
    desk = Desk()
    await decided(desk, a_decider(desk), *views("j-1"))

    assert await trails(desk) == {}


async def test_a_browser_that_belongs_to_a_user_is_in_the_users_trail_alone():
    desk = Desk()
    decider = a_decider(desk)
    anonymous = [a_view(job, user=None, at=NOW - 100 + n, anonymous_id="b-1") for n, job in enumerate(["j-1", "j-2"])]
    await decided(desk, decider, *anonymous)
    assert list(await trails(desk)) == [pseudonym("a:b-1")]

    both = a_view("j-3", at=NOW - 10, anonymous_id="b-1", message_id="m-both")
    await decider.decide(await desk.folder(stored=2, following=2).apply([a_run(a_record(2, both))]), Nothing())
    await decider.told()
    await decider.decide_for(["a:b-1"], Nothing())

    assert list(await trails(desk)) == [pseudonym("u:ada")]


async def answered(desk, decider, categories):
    """Let the person answer what they agree to, and decide after it."""
    said = {"consent": {"categoryPreferences": categories}}
    answer = Message("m", "track", NOW, NOW, "Segment Consent Preference Updated", "ada", verified=True, context=said)
    folder = desk.folder()
    desk.positions.restart("g1", {PROFILES: None}, {PROFILES: 0})
    await decider.decide(await folder.apply([a_run(a_record(0, answer), partition=PROFILES)]), Nothing())
    await decider.told()


async def test_who_takes_consent_back_has_no_trail_any_more():
    desk = Desk()
    decider = a_decider(desk)
    await decided(desk, decider, *views("j-1", "j-2"))

    await answered(desk, decider, {"behaviour": False})

    assert await trails(desk) == {}


async def test_who_is_not_to_be_counted_has_no_trail_any_more_and_is_decided_for_all_the_same():
    desk = Desk()
    decider = a_decider(desk)
    await decided(desk, decider, *views("j-1", "j-2"))

    await answered(desk, decider, {"personalization": True, "analytics": False})

    assert await trails(desk) == {}
    assert await desk.store.decision("u:ada") is not None


async def test_what_was_looked_at_under_a_no_to_analytics_in_the_event_itself_is_in_no_trail_and_decided_by_all_the_same():
    desk = Desk()
    decider = a_decider(desk)
    yes, no = views("j-1", "j-2", "j-3"), views("j-3", "j-4", "j-5")
    no = [replace(each, event_time=each.event_time + 50, consent={**REFUSED, "personalization": True}, message_id=f"n{n}")
          for n, each in enumerate(no)]  # fmt: skip
    await decided(desk, decider, *yes, *no)

    assert await trails(desk) == {pseudonym("u:ada"): ["j-1", "j-2", "j-3"]}
    person = merge("u:ada", await desk.store.sections([(Topic.CLICKS, "u:ada")]))
    assert [each.job_id for each in person.interactions] == ["j-5", "j-4", "j-3", "j-3", "j-2", "j-1"]


async def test_who_says_no_to_analytics_in_every_event_has_no_trail():
    desk = Desk()
    refused = [replace(each, consent={**REFUSED, "personalization": True}) for each in views("j-1", "j-2", "j-3")]
    await decided(desk, a_decider(desk), *refused)

    assert await trails(desk) == {}
    assert await desk.store.decision("u:ada") is not None


async def test_who_objects_has_no_trail_any_more():
    desk, erasures = Desk(), Erasures()
    decider = a_decider(desk, erasures)
    await decided(desk, decider, *views("j-1", "j-2"))
    erasures.apply(pseudonym("u:ada"), encode_standing(Standing().with_objection(1)))

    await decider.decide_for(["u:ada"], Nothing())

    assert await trails(desk) == {}


async def test_who_is_erased_has_no_trail_any_more():
    desk = Desk()
    await decided(desk, a_decider(desk), *views("j-1", "j-2"))

    await desk.store.forget({"u:ada": NOW})

    assert await trails(desk) == {}
