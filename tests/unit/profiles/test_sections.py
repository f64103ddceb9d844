import pytest

from profiles import rooms
from profiles.newest import Bound
from profiles.ring import RING_BYTES
from profiles.sections import CLICK_KINDS, EMPTY, FORMAT, SESSION_KINDS, STATE_LIMIT, decode_section, encode_section
from profiles.tally import DAYS_LIMIT
from schemas.topics import CANDIDATE_TOPICS, Topic
from tests.unit.profiles.builders import a_page, a_view, folded

FLOOR = len("[[],[1763900000000]],")
HEAD = len("[1,1763900000000,1763900000000,]")
OFFSET = len("18446744073709551615 ")


def base64(size):
    return 4 * -(-size // 3) + len('"",')


def test_the_rooms_add_up_to_less_than_a_candidate_may_take():
    bounds = [bound for bound in vars(rooms).values() if isinstance(bound, Bound)]
    collections = sum(bound.room + FLOOR for bound in bounds)
    finer = 3 * len(',"",256') + 2 * rooms.TRAIT_NAME_ROOM + rooms.PURPOSE_ROOM + len(',""') + rooms.NAME_ROOM
    counted = (
        2 * base64(RING_BYTES)
        + base64(DAYS_LIMIT * (len(CLICK_KINDS) + 2))
        + base64(DAYS_LIMIT * (len(SESSION_KINDS) + 2))
    )
    last = 14 * (len(CLICK_KINDS) + len(SESSION_KINDS)) + 2 * len("[],")
    page = len('[1763900000000,""],') + rooms.PAGE_ROOM
    texts = (*rooms.MOMENT_ROOMS, rooms.WEATHER_ROOM, rooms.REFERRER_ROOM)
    moment = sum(room + len('"",') for room in texts) + len("-90.00,-180.00,[],1763900000000,")
    campaigns = 2 * (5 * (rooms.CAMPAIGN_ROOM + len('"",')) + len("[1763900000000,],"))

    assert len(bounds) == 14
    assert 4 * (HEAD + OFFSET) + collections + finer + counted + last + page + moment + campaigns <= STATE_LIMIT


@pytest.mark.parametrize("topic", CANDIDATE_TOPICS)
def test_an_empty_section_survives_the_store(topic):
    assert decode_section(topic, encode_section(EMPTY[topic])) == EMPTY[topic]


def test_a_section_of_another_format_is_not_guessed_at():
    with pytest.raises(ValueError, match="rebuild the profiles from the log"):
        decode_section(Topic.CLICKS, b"[2,0,0]")


@pytest.mark.parametrize("topic", [Topic.JOBS, Topic.DECISIONS])
def test_a_topic_that_is_not_folded_has_no_section(topic):
    with pytest.raises(ValueError, match="has no section"):
        decode_section(topic, b"[%d,0,0]" % FORMAT)


def test_twenty_views_on_eight_pages_take_less_than_two_kilobytes():
    clicks = folded(Topic.CLICKS, [a_view(f"{724_000 + n}") for n in range(20)])
    sessions = folded(Topic.SESSIONS, [a_page(session_id="1763900000", device="mobile") for _ in range(8)])

    assert len(encode_section(clicks)) + len(encode_section(sessions)) < 2_048
