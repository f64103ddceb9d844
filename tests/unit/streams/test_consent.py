"""Consent in the agents: what was not granted is not folded, and who takes it back is decided for as nobody."""

from dataclasses import replace

import pytest

from profiles.erasures import Erasures, Standing, encode_standing
from profiles.pseudonym import pseudonym
from profiles.store import TopicPartition
from schemas.decision_json import decode_decision
from schemas.messages import Message
from schemas.topics import Topic
from streams.batch import Effect
from streams.replay import Nothing
from tests.unit.streams.records import CLICKS, Desk, a_record, a_run, a_view
from tests.unit.streams.test_deciding import NOW, a_decider

PROFILES = TopicPartition(Topic.PROFILES, 0)


async def test_a_record_without_consent_is_counted_and_changes_nothing():
    desk = Desk()
    silent, refused = (Message(f"m-{n}", "track", 1, 1, "Job Viewed", "ada", properties={"job_id": "j"}, verified=True,
                               consent=consent) for n, consent in enumerate([None, {"personalization": False}]))  # fmt: skip

    effect = await desk.folder().apply([a_run(a_record(0, silent), a_record(1, refused), a_record(2, a_view()))])

    assert (effect.records, effect.withheld, effect.refused) == (3, 2, 0)
    assert await desk.store.checkpoints([CLICKS]) == {CLICKS: 3}
    assert [each async for each in desk.store.candidates()] == ["u:ada"]


@pytest.mark.parametrize(
    ("consent", "refused_at"), [({"personalization": True, "analytics": False}, None), (None, 500)]
)
async def test_who_is_not_to_be_counted_is_folded_and_in_no_figure(consent, refused_at):
    desk, erasures = Desk(), Erasures()
    if refused_at is not None:
        refusing = Standing().with_answers({"analytics": False}, refused_at)
        erasures.apply(pseudonym("u:ada"), encode_standing(refusing))
    view = a_view(at=1_000)
    view = view if consent is None else replace(view, consent=consent)
    counted = a_view("j-2", user="bob", at=1_000)

    folder = desk.folder(erasures=erasures)
    await folder.apply([a_run(a_record(0, view), a_record(1, counted))])

    assert await desk.store.sections([(Topic.CLICKS, "u:ada")])
    assert set((await desk.store.counts.changes(None, 0)).counts) == {"j-2"}
    assert set(await desk.store.trends(1_000)) == {"j-2"}


async def test_nobody_comes_to_be_by_what_was_not_consented_to():
    desk = Desk()
    silent = Message("m", "track", 1, 1, "Job Viewed", "ada", properties={"job_id": "j"}, verified=True)

    await desk.folder().apply([a_run(a_record(0, silent))])

    assert [each async for each in desk.store.candidates()] == []


async def test_who_takes_consent_back_leaves_every_segment_and_has_an_empty_decision():
    desk = Desk()
    decider = a_decider(desk)
    folder = desk.folder()
    await decider.decide(await folder.apply([a_run(a_record(0, a_view(at=NOW - 10)))]), Nothing())
    assert await desk.store.member_count("viewers") == 1
    no = {"consent": {"categoryPreferences": {"personalization": False}}}
    taken_back = Message("m", "track", NOW, NOW, "Segment Consent Preference Updated", "ada", verified=True, context=no)
    desk.positions.restart("g1", {PROFILES: None}, {PROFILES: 0})
    effect: Effect = await folder.apply([a_run(a_record(0, taken_back), partition=PROFILES)])

    await decider.decide(effect, Nothing())
    await decider.told()

    decision = await desk.store.decision("u:ada")
    assert decision is not None
    assert decode_decision(decision).choices == ()
    assert await desk.store.member_count("viewers") == 0
