import pytest

from profiles.newest import Bound, Newest, add_newest, put_newest

THREE = Bound(limit=3, room=1_000, fixed=1, text=lambda _: "", longest=0)
TEN_BYTES = Bound(limit=99, room=10, fixed=0, text=lambda entry: entry[1], longest=10)


def added(*entries, bound):
    newest = Newest()
    for entry in entries:
        newest = add_newest(newest, entry, bound)
    return newest


def put(*entries, bound=THREE, key=1):
    newest = Newest()
    for entry in entries:
        newest = put_newest(newest, entry, bound, key=key)
    return newest


def test_entries_lie_newest_first_whatever_the_order_they_came_in():
    assert added((2, "b"), (3, "c"), (1, "a"), bound=THREE).entries == ((3, "c"), (2, "b"), (1, "a"))


def test_the_oldest_goes_and_is_the_floor():
    assert added((1,), (2,), (3,), (4,), bound=THREE) == Newest(((4,), (3,), (2,)), (1,))


def test_what_is_not_above_the_floor_changes_nothing():
    full = added((1,), (2,), (3,), (4,), bound=THREE)

    assert add_newest(full, (1,), THREE) is full
    assert add_newest(full, (0,), THREE) is full


def test_an_entry_that_is_there_changes_nothing():
    held = added((1, "a"), (2, "b"), bound=THREE)

    assert add_newest(held, (1, "a"), THREE) is held


def test_a_small_old_entry_does_not_slip_in_behind_a_big_one_that_did_not_fit():
    in_order = added((3, "aaaa"), (2, "bbbbbbbb"), (1, "c"), bound=TEN_BYTES)
    other = added((1, "c"), (3, "aaaa"), (2, "bbbbbbbb"), bound=TEN_BYTES)

    assert in_order == other == Newest(((3, "aaaa"),), (2,))


def test_the_room_is_counted_in_bytes_not_in_characters():
    assert added((2, "üüü"), (1, "üüü"), bound=TEN_BYTES).entries == ((2, "üüü"),)


def test_with_a_finer_grain_a_crowd_of_one_time_is_cut_not_lost():
    bound = Bound(limit=2, room=1_000, fixed=1, text=lambda _: "", longest=0, grain=2)

    assert put((1, "a", 0), (1, "b", 0), (1, "c", 0), bound=bound).entries == ((1, "c", 0), (1, "b", 0))


def test_the_newest_write_of_a_key_stays():
    assert (
        put((1, "a", "old"), (2, "a", "new")).entries
        == put((2, "a", "new"), (1, "a", "old")).entries
        == ((2, "a", "new"),)
    )


def test_two_writes_of_one_time_are_decided_by_what_they_say():
    assert put((1, "a", "x"), (1, "a", None)) == put((1, "a", None), (1, "a", "x"))


@pytest.mark.parametrize("key", [1, 2])
def test_a_key_may_have_several_members(key):
    assert len(put((1, "a", 1, "x"), (2, "a", 2, "y"), key=key).entries) == key


def test_repeating_a_write_changes_nothing():
    held = put((1, "a", "x"), (2, "b", "y"))

    assert put_newest(held, (1, "a", "x"), THREE) is held
