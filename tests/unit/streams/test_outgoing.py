import orjson

from profiles.store import DecisionPut
from schemas.decision import Choice, Decision, Evidence, RankedItem
from schemas.logged import decode_logged
from streams.outgoing import DecisionLog, segment_event, segment_record

EVIDENCE = Evidence(("j-1", "j-2"), ("fit",), b"\x00\x01\x02\x03", (0.5, 0.25), {"j-3": "salary"})


def recalled() -> Evidence:
    return EVIDENCE


def a_decision(*jobs: str, at: int = 1000, name: str = "d-1", candidate: str = "u:ada") -> Decision:
    items = tuple(RankedItem(job, 0.5) for job in jobs)
    return Decision(name, candidate, at, {"clicks/u:ada": 3}, (Choice("jobs", "RECS", items),))


def test_a_logged_decision_reads_back_with_its_evidence():
    log = DecisionLog("careers.decisions")
    (record,) = log.records([(DecisionPut(a_decision("j-1")), recalled)], 1000)
    logged = decode_logged(record.value or b"")

    assert (record.key, record.timestamp) == (b"u:ada", 1000)
    assert logged is not None
    assert (logged.decision, logged.evidence) == (a_decision("j-1"), EVIDENCE)


def test_a_decision_that_ranks_as_the_last_logged_one_goes_by_its_name_and_is_not_logged_again():
    log = DecisionLog("t")
    log.records([(DecisionPut(a_decision("j-1", "j-2")), recalled)], 1000)
    same, other = a_decision("j-1", "j-2", name="d-2"), a_decision("j-2", "j-1", name="d-3")

    assert log.named(same).id == "d-1"
    assert log.records([(DecisionPut(log.named(same)), recalled)], 1001) == []
    assert log.named(other).id == "d-3"
    assert len(log.records([(DecisionPut(log.named(other)), recalled)], 1002)) == 1


def test_above_its_rate_decisions_are_logged_without_evidence():
    log = DecisionLog("t", evidence_a_second=2)
    puts = [(DecisionPut(a_decision("j-1", candidate=f"u:{n}")), recalled) for n in range(5)]
    first = [decode_logged(record.value or b"") for record in log.records(puts, 1000)]
    later = [(DecisionPut(a_decision("j-9")), recalled)]
    second = [decode_logged(record.value or b"") for record in log.records(later, 1500)]

    assert [logged is not None and logged.evidence is not None for logged in first] == [True, True, False, False, False]
    assert [logged is not None and logged.evidence is not None for logged in second] == [True]


def test_records_of_other_kinds_are_no_logged_decisions():
    assert decode_logged(b'{"kind": "served"}') is None


def test_a_segment_event_written_twice_has_one_id_and_goes_to_its_candidate():
    event, value = segment_event(a_decision("j-1"), "warm", entered=True)

    assert segment_event(a_decision("j-1"), "warm", entered=True)[0] == event
    assert segment_event(a_decision("j-1"), "warm", entered=False)[0] != event
    assert segment_record("t", value).key == b"u:ada"
    assert orjson.loads(value)["change"] == "entered"
