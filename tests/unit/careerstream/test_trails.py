"""Session neighbours follow the trails: what moved comes in, what ended goes out, whoever may not be in it never is."""

from careerstream.trails import TrailsFollower
from profiles.erasures import Erasures, Standing, encode_standing
from profiles.memory_store import MemoryStore
from profiles.trails import ENDED, Trail
from profiles.trends import HOUR_MS
from scorers.segment_trends import LEAST_PEOPLE, SegmentLooks
from scorers.sessions import Sessions


async def a_follower(store: MemoryStore, erasures: Erasures | None = None) -> tuple[TrailsFollower, Sessions]:
    sessions = Sessions()
    follower = TrailsFollower(store, sessions, SegmentLooks(), Erasures() if erasures is None else erasures)
    await follower.read()
    return follower, sessions


def beside(sessions: Sessions, item: str) -> list[str]:
    return [found.item for found in sessions.next_items([item])]


async def test_what_moved_comes_in_and_what_ended_goes_out():
    store = MemoryStore()
    follower, sessions = await a_follower(store)
    await store.trails.put({"ada": Trail(("nurse", "midwife")), "bob": Trail(("driver", "courier"))})
    await follower.read()
    assert (beside(sessions, "nurse"), beside(sessions, "driver")) == (["midwife"], ["courier"])

    await store.trails.put({"ada": ENDED})
    await follower.read()

    assert (beside(sessions, "nurse"), beside(sessions, "driver")) == ([], ["courier"])


async def test_a_process_that_starts_later_knows_the_same():
    store = MemoryStore()
    await store.trails.put({"ada": Trail(("nurse", "midwife")), "bob": Trail(("driver", "courier"))})

    _, sessions = await a_follower(store)

    assert len(sessions) == 2


async def test_another_generation_is_read_from_its_beginning():
    store = MemoryStore()
    await store.trails.put({"ada": Trail(("nurse", "midwife")), "cy": Trail(("cook", "baker"))})
    follower, sessions = await a_follower(store)
    name = await store.create_generation()
    await store.building(name).trails.put({"bob": Trail(("driver", "courier"))})

    await store.swap("g1", name)
    await follower.read()

    assert (beside(sessions, "nurse"), beside(sessions, "driver")) == ([], ["courier"])


async def test_a_store_that_went_back_and_on_again_is_read_from_its_beginning():
    before, store = MemoryStore(), MemoryStore()
    await before.trails.put({"ada": Trail(("nurse", "midwife"))})
    follower, sessions = await a_follower(before)
    follower._store = store
    await store.trails.put({"ada": Trail(("nurse", "midwife"))})
    await store.trails.put({"ada": ENDED})
    await store.trails.put({"bob": Trail(("driver", "courier"))})

    follower.begin_again()
    await follower.read()

    assert (beside(sessions, "nurse"), beside(sessions, "driver")) == ([], ["courier"])


async def test_whoever_was_erased_or_objects_is_in_no_session():
    store, erasures = MemoryStore(), Erasures()
    await store.trails.put({"ada": Trail(("nurse", "midwife")), "bob": Trail(("driver", "courier"))})
    erasures.apply("ada", encode_standing(Standing().with_erasure()))
    follower, sessions = await a_follower(store, erasures)
    assert (beside(sessions, "nurse"), beside(sessions, "driver")) == ([], ["courier"])

    erasures.apply("bob", encode_standing(Standing().with_objection(1)))
    assert beside(sessions, "driver") == []

    await store.trails.put({"bob": Trail(("driver", "cook"))})
    await follower.read()
    assert beside(sessions, "driver") == []


async def test_whoever_is_not_to_be_counted_is_in_no_session_until_they_agree_again():
    store, erasures = MemoryStore(), Erasures()
    await store.trails.put({"ada": Trail(("nurse", "midwife"))})
    follower, sessions = await a_follower(store, erasures)
    refusing = Standing().with_answers({"analytics": False}, 1)
    erasures.apply("ada", encode_standing(refusing))
    assert beside(sessions, "nurse") == []

    erasures.apply("ada", encode_standing(refusing.with_answers({"analytics": True}, 2)))
    await store.trails.put({"ada": Trail(("nurse", "cook"))})
    await follower.read()

    assert beside(sessions, "nurse") == ["cook"]


async def trails(store: MemoryStore) -> dict[str, Trail]:
    return {name: trail for name, trail in (await store.trails.changes(None, 0)).trails.items() if trail.items}


async def test_a_trail_that_is_written_after_the_erasure_is_deleted_with_the_next_reading():
    store, erasures = MemoryStore(), Erasures()
    follower, _ = await a_follower(store, erasures)
    erasures.apply("ada", encode_standing(Standing().with_erasure()))

    await store.trails.put({"ada": Trail(("nurse", "midwife")), "bob": Trail(("driver", "courier"))})
    await follower.read()

    assert await trails(store) == {"bob": Trail(("driver", "courier"))}


async def test_a_trail_that_was_read_before_the_erasure_became_known_is_deleted_with_the_next_reading():
    store, erasures = MemoryStore(), Erasures()
    follower, _ = await a_follower(store, erasures)
    await store.trails.put({"ada": Trail(("nurse", "midwife"))})
    await follower.read()

    erasures.apply("ada", encode_standing(Standing().with_erasure()))
    await follower.read()

    assert await trails(store) == {}


async def test_who_may_be_followed_again_by_then_keeps_their_trail():
    store, erasures = MemoryStore(), Erasures()
    follower, _ = await a_follower(store, erasures)
    objecting = Standing().with_objection(1)
    erasures.apply("ada", encode_standing(objecting))
    erasures.apply("ada", encode_standing(objecting.without_objection(2)))

    await store.trails.put({"ada": Trail(("nurse", "midwife"))})
    await follower.read()

    assert await trails(store) == {"ada": Trail(("nurse", "midwife"))}


async def test_what_members_of_a_segment_look_at_trends_there_until_one_too_few_may_be_counted():
    store, erasures, looks = MemoryStore(), Erasures(), SegmentLooks({"cooks": "Cooks"})
    people = {f"p-{number}": Trail(("soup", f"j-{number}"), (9, 9), ("cooks",)) for number in range(LEAST_PEOPLE)}
    follower = TrailsFollower(store, Sessions(), looks, erasures)
    await store.trails.put(people)
    await follower.read()
    assert list(looks.trends(9 * HOUR_MS)["cooks"].shares) == ["soup"]

    erasures.apply("p-3", encode_standing(Standing().with_answers({"analytics": False}, 1)))

    assert looks.trends(9 * HOUR_MS) == {}


async def test_another_generation_has_its_own_looks():
    store, looks = MemoryStore(), SegmentLooks({"cooks": "Cooks"})
    follower = TrailsFollower(store, Sessions(), looks, Erasures())
    await store.trails.put({f"p-{number}": Trail(("soup",), (9,), ("cooks",)) for number in range(LEAST_PEOPLE)})
    await follower.read()

    name = await store.create_generation()
    await store.building(name).trails.put({"bob": Trail(("soup",), (9,), ("cooks",))})
    await store.swap("g1", name)
    await follower.read()

    assert looks.trends(9 * HOUR_MS) == {}
