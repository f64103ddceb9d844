import struct
from collections.abc import Mapping
from dataclasses import replace

import orjson
import pytest

from profiles.store import DecisionPut
from schemas.decision import Choice, ContentEvidence, Decision, Evidence, RankedItem, Shadow
from schemas.logged import decode_logged
from schemas.topics import Topic, TopicNames
from streams.outgoing import DecisionLog, candidate_of, outgoing, segment_event
from streams.sink import Outgoing

NAMES = TopicNames("careers")

EVIDENCE = Evidence(
    considered=("j-1", "j-2"),
    features=("fit", "near", "new"),
    matrix=struct.pack("<6f", 1, 2, 3, 4, 5, 6),
    scores=(0.5, 0.25),
    removed={"j-3": "salary"},
    fit_share=0.4,
    contents=ContentEvidence("content-1", ("c-1",), ("stated", "liked"), struct.pack("<2d", 0.1, 0.2), (-0.7,)),
    shadow=Shadow("model-9", (0.125, -3.0)),
)


def recalled() -> Evidence:
    return EVIDENCE


def a_decision(*jobs: str, at: int = 1000, name: str = "d-1", candidate: str = "u:ada") -> Decision:
    items = tuple(RankedItem(job, 0.5) for job in jobs)
    return Decision(name, candidate, at, {"clicks/u:ada": 3}, (Choice("jobs", "RECS", items),))


def logged_by(log: DecisionLog, decision: Decision) -> Mapping[str, bytes]:
    """Answer what a log wants written of a decision that is kept."""
    put = log.with_news(DecisionPut(decision), recalled)
    log.kept(put.decision)
    return put.news


def test_a_logged_decision_reads_back_with_its_evidence():
    ((_, value),) = logged_by(DecisionLog("t"), a_decision("j-1")).items()
    logged = decode_logged(value)

    assert logged is not None
    assert (logged.decision, logged.evidence) == (a_decision("j-1"), EVIDENCE)


def test_a_decision_that_ranks_as_the_last_logged_one_goes_by_its_name_and_is_not_logged_again():
    log = DecisionLog("t")
    logged_by(log, a_decision("j-1", "j-2"))
    same, other = a_decision("j-1", "j-2", name="d-2"), a_decision("j-2", "j-1", name="d-3")

    assert log.named(same).id == "d-1"
    assert logged_by(log, log.named(same)) == {}
    assert log.named(other).id == "d-3"
    assert len(logged_by(log, log.named(other))) == 1


def test_a_decision_that_was_not_kept_gives_no_later_one_its_name():
    log = DecisionLog("t")
    log.with_news(DecisionPut(a_decision("j-1")), recalled)

    assert log.named(a_decision("j-1", name="d-2")).id == "d-2"


def test_a_decision_with_other_scores_or_by_another_model_is_logged_under_its_own_name():
    log = DecisionLog("t")
    logged_by(log, a_decision("j-1"))
    changed = [
        replace(a_decision("j-1", name="d-2"), choices=(Choice("jobs", "RECS", (RankedItem("j-1", 0.6),)),)),
        replace(a_decision("j-1", name="d-3"), model="model-2"),
    ]

    assert [log.named(each).id for each in changed] == ["d-2", "d-3"]


def test_every_decision_of_a_flood_is_logged_with_what_it_was_made_from():
    log = DecisionLog("t")
    flood = [a_decision("j-1", candidate=f"u:{number}") for number in range(500)]

    logged = [decode_logged(value) for each in flood for value in logged_by(log, each).values()]

    assert [each and each.evidence for each in logged] == [EVIDENCE] * 500


def test_after_a_write_that_failed_nobody_goes_by_the_name_of_what_may_not_lie_in_the_log():
    log = DecisionLog("t")
    logged_by(log, a_decision("j-1"))
    log.not_sent()
    again = log.named(a_decision("j-1", name="d-2"))

    assert again.id == "d-2"
    assert len(logged_by(log, again)) == 1


def test_records_of_other_kinds_are_no_logged_decisions():
    assert decode_logged(b'{"kind": "served"}') is None


def test_a_segment_event_written_twice_has_one_id_and_goes_to_its_candidate():
    event, value = segment_event(a_decision("j-1"), "warm", entered=True)

    assert segment_event(a_decision("j-1"), "warm", entered=True)[0] == event
    assert segment_event(a_decision("j-1"), "warm", entered=False)[0] != event
    assert orjson.loads(value)["change"] == "entered"


@pytest.mark.parametrize("candidate", ["u:ada", "u:a/b/c"])
def test_news_goes_to_the_topic_of_its_kind_under_its_candidate(candidate):
    decision = a_decision("j-1", candidate=candidate)
    entered, event = segment_event(decision, "warm", entered=True)
    ((logged, record),) = logged_by(DecisionLog("t"), decision).items()

    assert candidate_of(entered) == candidate_of(logged) == candidate
    assert outgoing(NAMES, entered, event) == Outgoing(NAMES.full(Topic.SEGMENTS), candidate.encode(), event)
    assert outgoing(NAMES, logged, record) == Outgoing(
        NAMES.full(Topic.DECISIONS), candidate.encode(), record, timestamp=1000
    )
