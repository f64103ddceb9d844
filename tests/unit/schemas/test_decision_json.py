"""A decision in bytes: all of it where it fits, less of it where it does not, never more than its limit."""

from random import Random

import orjson
import pytest

from schemas.decision import Choice, Decision, RankedItem, Reason
from schemas.decision_json import PACKED_LIMIT, decision_json, decode_decision, encode_decision, stored_json

CHANCE = Random(7)


def a_name(length: int) -> str:
    return "".join(CHANCE.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))


def an_item(length: int = 10, **members) -> RankedItem:
    return RankedItem(a_name(length), 0.5, 1.0, "interest", **members)


def a_decision(*choices: Choice, **members) -> Decision:
    return Decision("000-1-2", "a:ada", 1_763_900_000_000, {"clicks/a:ada": 3}, choices, **members)


def long_lists(length: int) -> Decision:
    return a_decision(
        *[Choice(name, "RECS", tuple(an_item(length) for _ in range(40))) for name in ("jobs", "fresh", "new")],
        limits={"d": ["j-1"]},
    )


def test_what_is_read_is_what_was_written():
    told = (Reason("place_match", "Bonn", 1.25), Reason("fresh"))
    items = (an_item(reasons=told), RankedItem("j-2", 0.1234, 0.083333, "exploration"), an_item())
    decision = a_decision(Choice("jobs", "RECS", items), Choice("hero", "CONTENT", ()), segments=("nurses",))

    assert decode_decision(encode_decision(decision)) == decision


def test_items_made_one_by_one_and_items_in_columns_are_the_same():
    made = (an_item(reasons=(Reason("fresh", "", 0.5),)), an_item(), an_item())

    (choice,) = decode_decision(encode_decision(a_decision(Choice("jobs", "RECS", made)))).choices

    assert choice.items == made
    assert choice.items[1:] == made[1:]
    assert choice.items[-1] == made[-1]
    assert [*choice.items] == [*made]


@pytest.mark.parametrize("length", [30, 64, 200])
def test_a_decision_that_is_too_long_keeps_the_first_of_each_choice(length: int):
    decision = long_lists(length)

    encoded = encode_decision(decision)

    kept = decode_decision(encoded)
    assert len(encoded) <= PACKED_LIMIT
    assert kept.limits == decision.limits
    for before, after in zip(decision.choices, kept.choices, strict=True):
        assert 0 < len(after.items) < len(before.items)
        assert after.items == before.items[: len(after.items)]


def test_limits_that_are_too_many_are_not_kept_in_part_and_nothing_is_shown_by_them():
    hidden = [a_name(60) for _ in range(200)]

    kept = decode_decision(encode_decision(a_decision(Choice("jobs", "RECS", (an_item(),)), limits={"d": hidden})))

    assert (kept.choices, kept.limits) == ((), {})


def test_the_worst_decision_stays_below_its_limit():
    ids = [f"u:{a_name(248)}", *[f"a:{a_name(248)}" for _ in range(5)]]
    version = {f"{topic}/{each}": 10**9 for topic in ("applications", "clicks", "profiles", "sessions") for each in ids}
    worst = Decision(
        a_name(60),
        ids[0],
        1,
        version,
        long_lists(200).choices,
        tuple(a_name(60) for _ in range(200)),
        limits={"d": ids},
    )

    assert len(encode_decision(worst)) <= PACKED_LIMIT


def test_what_the_store_keeps_is_the_json_of_the_log():
    decision = a_decision(Choice("jobs", "RECS", (an_item(),)))

    assert stored_json(encode_decision(decision)) == decision_json(decision)
    assert orjson.loads(decision_json(decision))["id"] == decision.id
