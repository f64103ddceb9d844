from profiles.visits import VISIT_GAP_MS, visits_of

MINUTE = 60_000


def spans(*pages):
    """Answer (first minute, last minute, pages) of each visit; pages are (minute, session)."""
    newest_first = sorted(((minute * MINUTE, session) for minute, session in pages), reverse=True)
    return [
        (visit.started_at // MINUTE, visit.last_at // MINUTE, visit.page_count) for visit in visits_of(newest_first)
    ]


def test_pages_of_one_session_are_one_visit_however_long_the_pause():
    assert spans((0, 7), (90, 7)) == [(0, 90, 2)]


def test_pages_of_two_sessions_are_two_visits_however_short_the_pause():
    assert spans((0, 7), (1, 8)) == [(1, 1, 1), (0, 0, 1)]


def test_pages_without_a_session_are_one_visit_up_to_half_an_hour_apart():
    assert spans((0, 0), (30, 0), (61, 0)) == [(61, 61, 1), (0, 30, 2)]
    assert VISIT_GAP_MS == 30 * MINUTE


def test_a_page_without_a_session_joins_the_visit_around_it():
    assert spans((0, 7), (5, 0), (9, 7)) == [(0, 9, 3)]


def test_two_devices_at_a_time_are_two_visits():
    assert spans((0, 7), (1, 8), (2, 7), (3, 8)) == [(1, 3, 2), (0, 2, 2)]


def test_no_pages_are_no_visit():
    assert visits_of([]) == []
