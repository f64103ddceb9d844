"""The reference page says what the reader takes: its examples load and its lists are complete."""

import re
from pathlib import Path

import pytest

from profiles.condition_reader import AFFINITY_DIMENSIONS, SESSION_NUMBERS, SESSION_TEXTS
from profiles.preferences import PREFERENCE_KEYS
from profiles.segments import IAB_AUDIENCES, load_segments
from schemas.events import STAGES

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "segments.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
CONDITIONS = [line for block in BLOCKS[1:] for line in block.splitlines()]


def test_the_first_example_is_a_whole_file():
    assert [rule.key for rule in load_segments(BLOCKS[0], "segments.md")] == ["high-intent"]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_example_of_a_condition_is_one(condition):
    assert load_segments(f"segments:\n  it:\n    name: It\n    when:\n      {condition}\n", "segments.md")


@pytest.mark.parametrize("name", [*AFFINITY_DIMENSIONS, *PREFERENCE_KEYS, *SESSION_NUMBERS, *STAGES, *IAB_AUDIENCES])
def test_every_word_of_the_language_is_on_the_page(name):
    assert re.search(rf"\b{name}\b", PAGE)


@pytest.mark.parametrize("name", [name for name in SESSION_TEXTS if "." not in name])
def test_every_circumstance_of_a_visit_is_on_the_page(name):
    assert f"`{name}`" in PAGE
