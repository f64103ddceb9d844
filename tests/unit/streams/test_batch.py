import pytest

import profiles.fold
import streams.folding
from profiles.memory_store import MemoryStore
from profiles.store import Advance, Commit, Outcome, StoreUnavailable
from schemas.topics import Topic
from streams.batch import TRIES, Displaced, FoldFailed, batches
from tests.unit.streams.records import CLICKS, NAMES, ARecord, Desk, a_record, a_run, a_view

KEY = (Topic.CLICKS, "u:ada")


async def test_a_batch_moves_the_checkpoint_past_its_last_record():
    desk = Desk()
    effect = await desk.folder().apply([a_run(a_record(0), a_record(1), a_record(7))])

    assert (effect.records, effect.refused, effect.marks) == (3, 0, {KEY: 7})
    assert await desk.store.checkpoints([CLICKS]) == {CLICKS: 8}


async def test_records_that_were_folded_are_left_out():
    desk = Desk()
    folder = desk.folder()
    await folder.apply([a_run(a_record(0), a_record(1))])
    digest = await desk.store.digest()

    assert (await folder.apply([a_run(a_record(0), a_record(1))])).records == 0
    assert (await folder.apply([a_run(a_record(1), a_record(2))])).records == 1
    assert await desk.store.digest() != digest


async def test_a_record_that_changes_nothing_is_still_seen_to_pass():
    desk = Desk()
    folder = desk.folder()
    await folder.apply([a_run(a_record(0, a_view(message_id="m")))])
    effect = await folder.apply([a_run(a_record(1, a_view(message_id="m")))])

    assert effect.marks == {KEY: 1}
    assert (await desk.store.sections([KEY]))[KEY].offset == 1


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (ARecord(0, b"{"), b"invalid_json"),
        (ARecord(0, None), b"no_value"),
        (ARecord(0, a_record(0).value, key=b"u:bob"), b"key_mismatch"),
        (ARecord(0, a_record(0).value, key=None), b"key_mismatch"),
        (a_record(0, a_view("x" * 70)), b"unusable_id"),
    ],
)
async def test_what_no_profile_can_take_goes_to_the_dead_letters_and_counts_as_handled(record, reason):
    desk = Desk()
    effect = await desk.folder().apply([a_run(record, a_record(1))])
    (letter,) = desk.sink.to(NAMES.full(Topic.DEAD_LETTERS))

    assert (effect.records, effect.refused) == (2, 1)
    assert (letter.key, letter.value, letter.timestamp) == (record.key, record.value, record.timestamp)
    assert dict(letter.headers)["careerstream.reason"] == reason
    assert await desk.store.checkpoints([CLICKS]) == {CLICKS: 2}


async def test_no_header_of_a_dead_letter_quotes_the_record():
    desk = Desk()
    await desk.folder().apply([a_run(ARecord(0, b'{"messageId": "secret@example.com", "type": 7}'))])
    (letter,) = desk.sink.sent

    assert not [name for name, value in letter.headers if b"secret" in (value or b"")]


async def test_a_failing_fold_ends_the_process_until_it_was_tried_enough_then_only_its_record_is_refused(monkeypatch):
    fold = profiles.fold.fold
    monkeypatch.setattr(streams.folding, "fold", lambda s, e: 1 // 0 if e.job_id == "bad" else fold(s, e))
    desk = Desk()
    records = [a_record(n, a_view("bad" if n == 5 else f"j-{n}", at=n + 1)) for n in range(12)]
    for _ in range(TRIES - 1):
        with pytest.raises(FoldFailed, match="clicks:0 at 5"):
            await desk.folder().apply([a_run(*records)])
        assert await desk.store.checkpoints([CLICKS]) == {CLICKS: None}
    effect = await desk.folder().apply([a_run(*records)])

    assert (effect.records, effect.refused) == (12, 1)
    (letter,) = desk.sink.sent
    headers = dict(letter.headers)
    assert (headers["careerstream.reason"], headers["__connect.errors.offset"]) == (b"fold_failed", b"5")
    straight = Desk()
    await straight.folder().apply([a_run(*(record for record in records if record.offset != 5))])
    assert await desk.store.digest() == await straight.store.digest()


async def test_a_checkpoint_that_moved_elsewhere_displaces_the_worker_and_changes_nothing():
    desk = Desk()
    folder = desk.folder()
    await desk.store.commit(Commit("g1", {CLICKS: Advance(None, 3)}))

    with pytest.raises(Displaced) as displaced:
        await folder.apply([a_run(a_record(0))])
    assert displaced.value.outcome is Outcome.FENCED
    assert await desk.store.sections([KEY]) == {}


async def test_a_commit_whose_answer_is_lost_is_made_once():
    class AnswerLost(MemoryStore):
        lost = False

        async def commit(self, commit):
            outcome = await super().commit(commit)
            if not self.lost:
                self.lost = True
                raise StoreUnavailable("gone")
            return outcome

    desk = Desk(store=AnswerLost())
    folder = desk.folder()
    await folder.apply([a_run(a_record(0))])
    await folder.apply([a_run(a_record(1))])
    straight = Desk()
    await straight.folder().apply([a_run(a_record(0), a_record(1))])

    assert await desk.store.digest() == await straight.store.digest()


async def test_somebody_elses_equal_commit_is_not_folded_on_top_of():
    """Their sections were read, our events folded into them again: that must not stay in the cache."""
    desk = Desk()
    first = desk.folder()
    rival = Desk(store=desk.store)
    await rival.folder().apply([a_run(a_record(0), a_record(1))])
    await first.apply([a_run(a_record(0), a_record(1))])
    await first.apply([a_run(a_record(2))])
    straight = Desk()
    await straight.folder().apply([a_run(*(a_record(n) for n in range(3)))])

    assert await desk.store.digest() == await straight.store.digest()


def test_batches_hold_every_record_once_in_order_and_no_more_than_the_limit():
    runs = [a_run(*(a_record(n) for n in range(5))), a_run(*(a_record(n) for n in range(5, 12)))]
    cut = list(batches(runs, 4))

    assert [sum(len(run.records) for run in batch) for batch in cut] == [4, 4, 4]
    assert [record.offset for batch in cut for run in batch for record in run.records] == list(range(12))
