"""Decisions, exposures and outcomes are joined as they were known at the time."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import orjson
import pytest

from learning.evidence import largest_skew, opinions_of, read_evidence
from learning.examples import NEVER, UNKNOWN, Windows, join
from learning.log import LogRecord
from learning.off_policy import lists_of
from profiles.erasures import Standing, encode_standing
from profiles.pseudonym import pseudonym
from schemas.consent import PERSONALIZATION, RESEARCH
from schemas.logged import decode_logged, encode_logged
from schemas.messages import Message, encode_message
from schemas.topics import Topic
from scorers.models import PriorModel
from tests.learning.site import HOUR, MINUTE, START, WINDOWS, MemoryLog, Site


def copied(log: MemoryLog) -> MemoryLog:
    return MemoryLog({topic: list(records) for topic, records in log.topics.items()})


def happened(log: MemoryLog, event: str, *, job: str, at: int, user: str = "1-0", **more) -> MemoryLog:
    """Answer the log with one more message."""
    message = Message(
        message_id=f"x-{event}-{at}",
        type="track",
        event=event,
        event_time=at,
        received_at=at,
        user_id=user,
        verified=True,
        properties={"job_id": job, **more.pop("properties", {})},
        consent=more.pop("consent", {PERSONALIZATION: True, RESEARCH: True}),
        **more,
    )
    topic = Topic.APPLICATIONS if event.startswith("Application") else Topic.CLICKS
    longer = copied(log)
    longer.append(topic, f"u:{user}", encode_message(message), at)
    return longer


@pytest.fixture(scope="module")
def busy():
    """Thirty visitors who came six times, and did as they wished."""
    return Site(people=30).run(6)


@pytest.fixture(scope="module")
def quiet():
    """One visitor who was shown ten postings once, and did nothing."""
    return Site(people=1, responds=False).run(1)


def test_every_shown_posting_becomes_an_example_with_the_features_that_serving_saw(busy):
    seen = {each.decision_id: each for each in read_evidence(busy.log, lambda _: True)}
    examples = join(busy.log, WINDOWS).examples

    assert len(examples) == busy.lists * 10
    for row in range(0, len(examples), 97):
        base = seen[examples.lists[examples.list_number[row]].base]
        assert np.array_equal(examples.matrix[row], base.matrix[base.job_ids.index(examples.job_id[row])])


def test_scores_recomputed_from_the_log_equal_those_that_were_served(busy):
    seen = list(read_evidence(busy.log, lambda _: True))

    assert len(seen) == busy.lists
    assert largest_skew(seen, PriorModel()) < 1e-9


def test_a_click_belongs_to_the_list_that_it_names(quiet):
    job = join(quiet.log, WINDOWS).examples.job_id[3]
    log = happened(
        quiet.log,
        "Job Viewed",
        job=job,
        at=quiet.now + MINUTE,
        properties={"decision_id": f"001-{quiet.now:012x}-000000000100"},
    )

    assert join(log, WINDOWS).examples.responded_at[3] == quiet.now + MINUTE


def test_an_outcome_belongs_to_the_newest_exposure_before_it(quiet):
    twice = copied(quiet.log)
    served = orjson.loads(twice.topics[Topic.DECISIONS][1].value or b"")
    served["at"] += HOUR // 2
    served["choices"][0]["id"] = "001-0-second"
    twice.append(Topic.DECISIONS, "u:1-0", orjson.dumps(served), served["at"])
    job = join(quiet.log, WINDOWS).examples.job_id[0]

    examples = join(happened(twice, "Job Saved", job=job, at=served["at"] + MINUTE), WINDOWS).examples

    assert len(examples) == 20
    assert examples.responded_at[0] == NEVER
    assert examples.responded_at[10] == served["at"] + MINUTE


def test_an_outcome_before_the_exposure_is_none_of_it(quiet):
    job = join(quiet.log, WINDOWS).examples.job_id[0]

    examples = join(happened(quiet.log, "Job Saved", job=job, at=quiet.now - MINUTE), WINDOWS).examples

    assert (examples.responded_at == NEVER).all()


def test_no_answer_is_a_no_only_when_its_time_is_up(quiet):
    examples = join(quiet.log, WINDOWS).examples

    assert set(examples.interest(quiet.now + HOUR - 1)) == {UNKNOWN}
    assert set(examples.interest(quiet.now + HOUR)) == {0}


def test_a_yes_counts_when_its_time_is_up_as_a_no_does(quiet):
    job = join(quiet.log, WINDOWS).examples.job_id[0]
    examples = join(happened(quiet.log, "Job Viewed", job=job, at=quiet.now + 1000), WINDOWS).examples

    assert examples.interest(quiet.now + HOUR - 1)[0] == UNKNOWN
    assert examples.interest(quiet.now + HOUR)[0] == 1


def test_a_look_after_its_time_is_none_though_it_names_the_list(quiet):
    shown = join(quiet.log, WINDOWS).examples
    named = {"decision_id": shown.lists[0].choice_id}
    log = happened(quiet.log, "Job Viewed", job=shown.job_id[0], at=quiet.now + HOUR + 1, properties=named)
    examples = join(log, WINDOWS).examples

    assert examples.interest(quiet.now + HOUR)[0] == 0
    assert examples.interest(quiet.now + 3 * HOUR)[0] == 0


def test_a_dismissal_is_a_no_even_after_a_look(quiet):
    job = join(quiet.log, WINDOWS).examples.job_id[0]
    log = happened(quiet.log, "Job Viewed", job=job, at=quiet.now + 1000)
    log = happened(log, "Job Dismissed", job=job, at=quiet.now + 2000)
    examples = join(log, WINDOWS).examples

    assert examples.interest(quiet.now + HOUR)[0] == 0


def test_the_employer_has_an_opinion_only_on_who_applied(quiet):
    jobs = join(quiet.log, WINDOWS).examples.job_id
    log = happened(quiet.log, "Application Submitted", job=jobs[0], at=quiet.now + 1000)
    log = happened(log, "Application Submitted", job=jobs[1], at=quiet.now + 1000)
    log = happened(
        log, "Application Status Changed", job=jobs[1], at=quiet.now + 5000, properties={"stage": "interview_held"}
    )
    examples = join(log, WINDOWS).examples

    assert examples.fit(quiet.now + 6000)[:3].tolist() == [UNKNOWN, 1, UNKNOWN]
    assert examples.fit(quiet.now + 1000 + 2 * HOUR)[:3].tolist() == [0, 1, UNKNOWN]


def test_an_outcome_under_the_user_id_belongs_to_what_the_browser_was_shown(quiet):
    browser = copied(quiet.log)
    for number, record in enumerate(browser.topics[Topic.DECISIONS]):
        moved = (record.value or b"").replace(b"u:1-0", b"a:browser")
        browser.topics[Topic.DECISIONS][number] = LogRecord(b"a:browser", moved, record.timestamp)
    browser = happened(
        browser, "Job Read", job="other", at=quiet.now - 1, user="", anonymous_id="browser", properties={"seconds": 3}
    )
    job = join(browser, WINDOWS).examples.job_id[2]
    log = happened(browser, "Application Submitted", job=job, at=quiet.now + MINUTE)

    assert join(log, WINDOWS).examples.submitted_at[2] == NEVER
    log = happened(log, "Job Read", job="elsewhere", at=quiet.now, anonymous_id="browser", properties={"seconds": 3})
    assert join(log, WINDOWS).examples.submitted_at[2] == quiet.now + MINUTE


def test_where_pages_report_what_was_on_screen_nothing_else_was_shown(quiet):
    examples = join(quiet.log, WINDOWS).examples
    shown = {"decision_id": examples.lists[0].choice_id, "job_ids": examples.job_id[:4].tolist()}
    log = happened(quiet.log, "Job Shown", job="", at=quiet.now + 1, properties=shown)

    joined = join(log, WINDOWS)

    assert joined.reported
    assert joined.examples.job_id.tolist() == examples.job_id[:4].tolist()


def test_what_was_logged_twice_counts_once(quiet):
    twice = copied(quiet.log)
    twice.topics[Topic.DECISIONS] *= 2

    assert len(join(twice, WINDOWS).examples) == 10


def test_of_two_decisions_under_one_id_the_first_counts_and_what_only_the_other_showed_is_counted_and_left_out(quiet):
    evidence, served = (record.value or b"" for record in quiet.log.topics[Topic.DECISIONS])
    first = decode_logged(evidence)
    assert first is not None
    assert first.evidence is not None
    known = join(quiet.log, WINDOWS).examples.job_id
    others = tuple(f"other-{job}" for job in first.evidence.considered)
    twice = copied(quiet.log)
    other = encode_logged(first.decision, replace(first.evidence, considered=others))
    twice.append(Topic.DECISIONS, "u:1-0", other, quiet.now)
    body = orjson.loads(served)
    body["choices"][0] |= {
        "id": "001-0-other",
        "items": [{**item, "id": f"other-{item['id']}"} for item in body["choices"][0]["items"]],
    }
    twice.append(Topic.DECISIONS, "u:1-0", orjson.dumps(body), quiet.now)

    joined = join(twice, WINDOWS)

    assert joined.examples.job_id.tolist() == known.tolist()
    assert (joined.exposures, joined.without_evidence) == (20, 10)
    assert [each.job_ids for each in read_evidence(twice, lambda _: True)] == [first.evidence.considered]


def test_a_list_is_estimated_where_another_decision_was_logged_under_its_id(quiet):
    first = decode_logged(quiet.log.topics[Topic.DECISIONS][0].value or b"")
    assert first is not None
    assert first.evidence is not None
    twice = copied(quiet.log)
    others = tuple(f"other-{job}" for job in first.evidence.considered)
    twice.append(
        Topic.DECISIONS, "u:1-0", encode_logged(first.decision, replace(first.evidence, considered=others)), quiet.now
    )
    examples = join(twice, WINDOWS).examples
    asked = {"places": (), "as_of": quiet.now + HOUR}

    found = lists_of(examples, list(read_evidence(twice, lambda _: True)), opinions_of(PriorModel()), **asked)

    assert found is not None
    assert found.supported > 0


def test_a_decision_logged_without_evidence_is_counted_and_left_out(quiet):
    bare = copied(quiet.log)
    del bare.topics[Topic.DECISIONS][0]

    joined = join(bare, WINDOWS)

    assert (len(joined.examples), joined.exposures, joined.without_evidence) == (0, 10, 10)


def test_a_record_that_is_no_message_is_counted_and_left_out(quiet):
    broken = copied(quiet.log)
    broken.append(Topic.CLICKS, "u:x", b"no json", START)

    assert join(broken, Windows(timedelta(hours=1))).happened.refused == 1


def test_an_event_that_nobody_consented_to_is_counted_and_not_learned_from(quiet):
    job = join(quiet.log, WINDOWS).examples.job_id[0]
    refused = {PERSONALIZATION: False, RESEARCH: True}
    log = happened(quiet.log, "Job Saved", job=job, at=quiet.now + MINUTE, consent=refused)

    joined = join(log, WINDOWS)

    assert joined.happened.without_consent == 1
    assert (joined.examples.responded_at == NEVER).all()


def test_who_takes_the_grant_back_is_learned_from_no_more(quiet):
    job = join(quiet.log, WINDOWS).examples.job_id[0]
    log = happened(quiet.log, "Job Saved", job=job, at=quiet.now + MINUTE, consent={PERSONALIZATION: True})

    joined = join(log, WINDOWS)

    assert (len(joined.examples), joined.ungranted) == (0, 1)
    assert joined.happened.outcomes == []


def test_who_is_not_to_be_counted_is_no_example_whatever_else_was_granted(quiet):
    job = join(quiet.log, WINDOWS).examples.job_id[0]
    uncounted = {PERSONALIZATION: True, RESEARCH: True, "analytics": False}
    log = happened(quiet.log, "Job Saved", job=job, at=quiet.now + MINUTE, consent=uncounted)

    assert len(join(log, WINDOWS).examples) == 0


@pytest.mark.parametrize(
    "standing",
    [
        Standing().with_erasure(),
        Standing().with_suppression(0),
        Standing().with_objection(START),
        Standing().with_answers({"analytics": False}, START),
    ],
)
def test_who_was_erased_suppressed_or_objected_is_learned_from_no_more(quiet, standing):
    log = copied(quiet.log)
    log.append(Topic.ERASURES, pseudonym("u:1-0"), encode_standing(standing), quiet.now)

    joined = join(log, WINDOWS)

    assert (len(joined.examples), joined.ungranted) == (0, 1)


def test_a_no_that_comes_with_a_refused_event_takes_the_grant_back(quiet):
    job = join(quiet.log, WINDOWS).examples.job_id[0]
    log = happened(quiet.log, "Job Saved", job=job, at=quiet.now + MINUTE, consent={PERSONALIZATION: False})

    assert len(join(log, WINDOWS).examples) == 0
