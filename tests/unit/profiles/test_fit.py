import orjson
import pytest

from profiles.fit import LARGEST_SIZE, fit_text, fit_value


@pytest.mark.parametrize(
    "text", ["plain", 'with "quotes"', "back\\slash", "line\nbreak", "日本語" * 30, "\x7f", "a\ud800b"]
)
def test_a_fitted_text_costs_its_bytes_in_json(text):
    fitted = fit_text(text, 40)

    assert len(orjson.dumps(fitted)) == len(fitted.encode()) + 2
    assert len(fitted.encode()) <= 40


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Nurse", "Nurse"),
        (None, None),
        (True, True),
        (3, 3),
        (10**30, None),
        (float("nan"), None),
        ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
        ({"gender": "f", "city": "Rome"}, {"city": "Rome"}),
        ({"long": "x" * 300}, None),
        ([[[[[1]]]]], [[[[None]]]]),
        (("a", "b"), ["a", "b"]),
        ("x" * 300, "x" * 254),
    ],
)
def test_a_value_is_kept_as_far_as_it_fits(given, kept):
    assert fit_value(given)[1] == kept


def test_a_long_list_keeps_its_head():
    size, kept = fit_value(["skill number one"] * 50)

    assert kept == ["skill number one"] * 13
    assert size == LARGEST_SIZE


@pytest.mark.parametrize(("value", "size"), [("", 8), ("123456", 8), ("1234567", 16), ("x" * 100, 128), (None, 8)])
def test_the_size_class_is_the_next_power_of_two(value, size):
    assert fit_value(value)[0] == size


def test_deep_nesting_is_cut_instead_of_followed():
    deep: object = 1
    for _ in range(900):
        deep = [deep]

    assert fit_value(deep)[1] == [[[[None]]]]
