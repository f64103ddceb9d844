"""An erasing record in the log: it takes out what stands before it, and nothing that stands behind it."""

import orjson

from profiles.erasures import NOTHING, Erasures, encode_standing
from profiles.fold import fold
from profiles.pseudonym import pseudonym
from profiles.sections import Clicks, encode_section
from schemas.erasing import encode_erasure, erasure_in
from schemas.events import event_of
from schemas.restoring import encode_restoring
from tests.unit.streams.records import CLICKS, ARecord, Desk, a_record, a_run, a_view

ERASE = encode_erasure(5_000)
CLICKED = fold(Clicks(), event_of(a_view()))


def an_erasure(offset, key=b"u:ada"):
    return ARecord(offset, ERASE, key)


async def candidates(desk):
    return sorted([each async for each in desk.store.candidates()])


async def test_an_erased_section_is_deleted_and_others_stay():
    desk = Desk()
    effect = await desk.folder().apply([a_run(a_record(0), a_record(1, a_view(user="bob")), an_erasure(2))])

    assert await candidates(desk) == ["u:bob"]
    assert effect.refused == 0
    assert await desk.store.checkpoints([CLICKS]) == {CLICKS: 3}


async def test_whoever_comes_back_begins_anew_whatever_the_batches():
    whole, halves = Desk(), Desk()
    records = [a_record(0), an_erasure(1), a_record(2, a_view("j-9", at=9_000))]
    await whole.folder().apply([a_run(*records)])
    folder = halves.folder()
    for record in records:
        await folder.apply([a_run(record)])

    assert await whole.store.digest() == await halves.store.digest()
    alone = Desk()
    await alone.folder().apply([a_run(records[2])])
    assert await whole.store.digest() == await alone.store.digest()


async def test_links_that_stood_before_an_erasure_are_gone_with_it():
    desk = Desk()
    linked = a_record(0, a_view(user="ada", anonymous_id="x"))
    await desk.folder().apply([a_run(linked, an_erasure(1))])

    known = await desk.store.identities(["u:ada", "a:x"])
    assert not known.links.get("u:ada")
    assert known.redirects == {}


async def test_an_erasure_without_a_candidates_key_goes_to_the_dead_letters():
    desk = Desk()
    effect = await desk.folder().apply([a_run(an_erasure(0, b"nobody"), an_erasure(1, b""))])

    assert effect.refused == 2


async def test_about_who_is_in_the_list_nothing_is_folded():
    desk, erasures = Desk(), Erasures()
    erasures.apply(pseudonym("u:ada"), encode_standing(NOTHING.with_erasure()))
    folder = desk.folder()
    folder._erasures = erasures

    effect = await folder.apply([a_run(a_record(0), a_record(1, a_view(user="bob")))])

    assert effect.withheld == 1
    assert await candidates(desk) == ["u:bob"]


def test_no_tracking_message_reads_as_an_erasure():
    assert erasure_in(ERASE) == 5_000
    for value in (b'{"type":"track"}', b'{"erase":"now"}', b'{"erase":', b"", b'{"event":"erase"}'):
        assert erasure_in(value) is None


async def test_a_section_from_another_house_does_not_bring_back_who_was_erased_before_they_are_taken_up_again():
    desk, erasures = Desk(), Erasures()
    value = encode_restoring(orjson.loads(encode_section(CLICKED)))
    restoring = [ARecord(offset, value, timestamp=at) for offset, at in enumerate((5, 15))]
    erasures.apply(pseudonym("u:ada"), encode_standing(NOTHING.with_erasure()))
    effect = await desk.folder(erasures=erasures).apply([a_run(restoring[0])])
    erased = await candidates(desk)
    erasures.apply(pseudonym("u:ada"), encode_standing(NOTHING.with_erasure().released(10)))
    await desk.folder(stored=1, following=1, erasures=erasures).apply([a_run(restoring[1])])

    assert (effect.withheld, erased) == (1, [])
    assert await candidates(desk) == ["u:ada"]
