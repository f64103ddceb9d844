"""The policy's files are read whole or refused with file and line."""

from pathlib import Path

import pytest

from schemas.config import ConfigError
from scorers.policy import Pin, Policy
from scorers.policy_file import load_policy

CONFIG = Path(__file__).parents[3] / "careerstream" / "config"
JOBS = "selectors:\n  jobs: {playlist: for-you}\n"


def _load(selectors: str = JOBS, pins: str = "") -> Policy:
    return load_policy(selectors=(selectors, "selectors.yaml"), pins=(pins, "pins.yaml"))


def test_the_shipped_files_say_what_the_standard_policy_says():
    shipped = _load((CONFIG / "selectors.yaml").read_text(), (CONFIG / "pins.yaml").read_text())

    standard = Policy()
    assert shipped.selectors == standard.selectors
    assert (shipped.interest, shipped.rules, shipped.shortlisting) == (
        standard.interest,
        standard.rules,
        standard.shortlisting,
    )
    assert (shipped.fit_share, shipped.fit_within_pay) == (standard.fit_share, standard.fit_within_pay)


def test_another_text_is_another_version():
    assert _load().version == _load().version
    assert _load().version != _load(JOBS + "fit_share: 0.5\n").version


def test_a_pin_is_read_with_its_times():
    pins = "pins:\n  - {selector: jobs, item: j-1, position: 2, segments: [a], from: 2026-05-01, until: 2026-05-01T02:00:00+02:00}\n"

    (pin,) = _load(pins=pins).pins

    assert pin == Pin("jobs", "j-1", 2, ("a",), 1_777_593_600_000, 1_777_593_600_000)


@pytest.mark.parametrize(
    ("selectors", "line", "problem"),
    [
        ("", 1, "selectors is missing"),
        ("selectors:\n  jobs: {}\n", 2, "one of playlist and kinds"),
        ("selectors:\n  jobs: {playlist: for-me}\n", 2, "'for-me'"),
        ("selectors:\n  jobs: {playlist: for-you, staged: true}\n", 2, "staged does not belong"),
        ("selectors:\n  hero:\n    kinds: hero\n    exploration: {}\n", 4, "exploration does not belong"),
        ("selectors:\n  hero:\n    kinds: [hero, banner]\n", 3, "'banner'"),
        ("selectors:\n  jobs:\n    playlist: fresh\n    keep: 400\n", 4, "keep is 400"),
        ("selectors:\n  jobs:\n    playlist: fresh\n    kep: 4\n", 4, "unknown 'kep'"),
        ("selectors:\n  jobs:\n    playlist: fresh\n    floors: {by: sex, at_least: {f: 0.5}}\n", 4, "'sex'"),
        (
            "selectors:\n  jobs:\n    playlist: fresh\n    floors: {by: workplace, at_least: {REMOTE: 0.7, HYBRID: 0.7}}\n",
            4,
            "add up to 1.4",
        ),
        (JOBS + "rules:\n  unknown_pay: maybe\n", 4, "'maybe'"),
        (JOBS + "rules:\n  off: [gravity]\n", 4, "'gravity'"),
        (JOBS + "interest:\n  half_life_days: 0\n", 4, "half_life_days is 0"),
        (JOBS + "shortlist:\n  size: 1.5\n", 4, "size is 1.5"),
        (JOBS + "fit_share: 2\n", 3, "fit_share is 2"),
        (JOBS + "fit_within_pay: 0.5\n", 3, "fit_within_pay is 0.5"),
        ("selectors:\n  jobs: {playlist: for-you, exploration: {share: 0}}\n", 2, "share is 0"),
        ("selectors:\n  jobs: {playlist: for-you, diversity: {at_most: {colour: 1}}}\n", 2, "unknown 'colour'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(selectors: str, line: int, problem: str):
    with pytest.raises(ConfigError, match=problem) as told:
        _load(selectors)

    assert (told.value.file, told.value.line) == ("selectors.yaml", line)


@pytest.mark.parametrize(
    ("pins", "problem"),
    [
        ("pins:\n  - {selector: hero, item: a}\n", "'hero'"),
        ("pins:\n  - {selector: jobs}\n", "item is missing"),
        ("pins:\n  - {selector: jobs, item: a, position: 25}\n", "position is 25"),
        ("pins:\n  - {selector: jobs, item: a, from: tomorrow}\n", "from is 'tomorrow'"),
    ],
)
def test_a_pin_that_cannot_be_is_refused(pins: str, problem: str):
    with pytest.raises(ConfigError, match=problem) as told:
        _load(pins=pins)

    assert (told.value.file, told.value.line) == ("pins.yaml", 2)
