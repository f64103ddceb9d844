import pytest

from schemas.config import ConfigError, did_you_mean, read_yaml


def node(text: str):
    return read_yaml(text, "file.yaml").mapping()["a"]


def problem(call) -> str:
    with pytest.raises(ConfigError) as raised:
        call()
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "file.yaml:1: not YAML: expected ',' or ']', but got '<stream end>'"),
        ("a: 1\n\na: 2", "file.yaml:3: 'a' is there twice (first on line 1)"),
        ("1: x", "file.yaml:1: the name '1' is no text (put it in quotes)"),
        ("a: !!python/name:os.system x", "file.yaml:1: unknown tag 'python/name:os.system' (leave it out)"),
        (
            "a: !!python/object:os.x {}",
            "file.yaml:1: unknown tag 'tag:yaml.org,2002:python/object:os.x' (leave it out)",
        ),
        ("a: &x [*x]", "file.yaml:1: an alias that contains itself (write the value out)"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_line(text, said):
    assert problem(lambda: read_yaml(text, "file.yaml")) == said


def test_a_character_that_yaml_forbids_is_an_error_of_ours():
    assert "not YAML" in problem(lambda: read_yaml("a: \x01", "file.yaml"))


def test_an_empty_file_is_an_empty_mapping():
    assert read_yaml("# nothing\n", "file.yaml").mapping() == {}


def test_the_surprises_of_yaml_1_1_are_left_out():
    text = "no: NO\nhalf: 12:30\nday: 2024-01-01\noctal: 007\ntruth: true\nnone: ~\nnumber: 1_000\nratio: 1.5"

    assert read_yaml(text, "f").plain() == {
        "no": "NO",
        "half": "12:30",
        "day": "2024-01-01",
        "octal": "007",
        "truth": True,
        "none": None,
        "number": 1000,
        "ratio": 1.5,
    }


def test_every_value_knows_its_line():
    root = read_yaml("a:\n  - x\n  - b: 1\n    c: 2\n", "f")

    assert root.mapping()["a"].items()[1].mapping()["c"].line == 4


@pytest.mark.parametrize(
    ("text", "read", "said"),
    [
        ("a: x", lambda a: a.mapping(), "a is 'x' (give names with values)"),
        ("a: x", lambda a: a.items(), "a is 'x' (give a list)"),
        ("a: 1", lambda a: a.text(), "a is 1 (give a text)"),
        ("a:", lambda a: a.text(), "a is nothing (give a text)"),
        ("a: [x]", lambda a: a.text(), "a is a list (give a text)"),
        ("a: 1", lambda a: a.truth(), "a is 1 (give true or false)"),
        ("a: true", lambda a: a.number(), "a is True (give a number)"),
        ("a: .nan", lambda a: a.number(), "a is nan (give a number)"),
        ("a: 1.5", lambda a: a.integer(), "a is 1.5 (give a whole number)"),
        ("a: 5", lambda a: a.integer(maximum=3), "a is 5 (at most 3)"),
        ("a: -5", lambda a: a.number(minimum=0), "a is -5 (at least 0)"),
        ("a: 5", lambda a: a.number(minimum=0, maximum=1), "a is 5 (0 to 1)"),
        ("a: 7", lambda a: a.duration_ms(), "a is 7 (give a time such as 30m, 12h or 7d)"),
        ("a: 0d", lambda a: a.duration_ms(), "a is '0d' (give a time such as 30m, 12h or 7d)"),
        ("a: clicls", lambda a: a.choice(["clicks", "x"]), "a is 'clicls' (did you mean 'clicks'?)"),
        ("a: {b: 1}", lambda a: a.fields(optional=["bb"]), "unknown 'b' in a (did you mean 'bb'?)"),
        ("a: {b: 1}", lambda a: a.fields(required=["c"], optional=["b"]), "c is missing in a"),
    ],
)
def test_a_wrong_value_is_told_with_what_would_be_right(text, read, said):
    assert problem(lambda: read(node(text))) == f"file.yaml:1: {said}"


def test_right_values_are_answered():
    assert node("a: 90m").duration_ms() == 5_400_000
    assert node("a: [x, y]").texts() == ("x", "y")
    assert node("a: x").texts() == ("x",)
    assert node("a: 3").integer(minimum=0, maximum=3) == 3
    assert node("a: true").truth() is True


def test_a_name_that_resembles_none_lists_all():
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
