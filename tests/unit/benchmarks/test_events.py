"""The synthetic log is one that the collector takes, the same each time."""

from collections import Counter

import pytest

from benchmarks.events import Visitors, accepted
from benchmarks.hoarder import USER_ID, hoarding
from schemas.events import event_of
from schemas.jobs import Job
from schemas.messages import decode_message, encode_message
from schemas.topics import CANDIDATE_TOPICS, Topic

JOBS = [
    Job(f"job-{number}", f"Title {number}", "City", categories=(f"category-{number % 7}",)) for number in range(200)
]
SINCE, UNTIL = 1_760_000_000_000, 1_760_172_800_000


@pytest.fixture(scope="module")
def log():
    happenings = list(Visitors(50, JOBS, seed=3).happenings(4_000, since=SINCE, until=UNTIL))
    return [(happening, accepted(happening)) for happening in happenings]


def test_the_same_seed_writes_the_same_bytes(log):
    again = Visitors(50, JOBS, seed=3).happenings(4_000, since=SINCE, until=UNTIL)

    assert [encode_message(accepted(happening).message) for happening in again] == [
        encode_message(one.message) for _, one in log
    ]


def test_another_seed_writes_other_people_and_other_message_ids(log):
    other = {one.call["messageId"] for one in Visitors(50, JOBS, seed=4).happenings(4_000, since=SINCE, until=UNTIL)}

    assert other.isdisjoint(one.message.message_id for _, one in log)


def test_every_message_means_something_to_a_profile(log):
    for _, one in log:
        event_of(decode_message(encode_message(one.message)))


def test_all_candidate_topics_are_written(log):
    assert {one.topic for _, one in log} == set(CANDIDATE_TOPICS)


def test_most_is_looking_and_few_apply(log):
    topics = Counter(one.topic for _, one in log)

    assert topics[Topic.CLICKS] > topics[Topic.SESSIONS] > topics[Topic.APPLICATIONS] > 0


def test_only_postings_of_the_catalogue_are_opened(log):
    opened = {one.message.properties["job_id"] for _, one in log if "job_id" in one.message.properties}

    assert opened <= {job.id for job in JOBS}


def test_a_user_id_is_a_record_key_only_where_a_server_vouched_for_it(log):
    assert {one.message.candidate_id[0] for _, one in log} == {"a", "u"}
    assert all(one.message.verified == (one.message.candidate_id[0] == "u") for _, one in log)


def test_events_are_stamped_in_order_between_since_and_until(log):
    times = [one.message.event_time for _, one in log]

    assert times == sorted(times)
    assert times[0] >= SINCE
    assert times[-1] < UNTIL


def test_the_worst_candidate_gets_through_the_door_as_one_person():
    happenings = list(hoarding(UNTIL))

    assert {accepted(happening).message.candidate_id for happening in happenings} == {f"u:{USER_ID}"}
    assert {accepted(happening).topic for happening in happenings} == set(CANDIDATE_TOPICS)
    assert happenings[-1].at == UNTIL


def test_no_message_of_the_worst_candidate_is_larger_than_the_door_allows():
    assert max(len(encode_message(accepted(happening).message)) for happening in hoarding(UNTIL)) <= 32 * 1024
