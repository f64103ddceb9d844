"""What the how-to shows is what the feed takes."""

import re
from pathlib import Path

import pytest

from catalog.feeds import Accepted, read_feed
from schemas.content_json import FACETS
from schemas.job_json import JOB_MEMBERS
from schemas.jobs import Job, Salary

HOW_TO = (Path(__file__).parents[3] / "docs" / "howto" / "load-jobs.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", HOW_TO, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_accepted_as_it_stands(tmp_path, example):
    file = tmp_path / "example.jsonl"
    file.write_text(example, encoding="utf-8")

    answers = list(read_feed(file))

    assert len(answers) == len(example.splitlines())
    assert all(isinstance(answer, Accepted) and not answer.ignored for answer in answers), answers


def test_the_two_ways_to_write_a_posting_mean_the_same(tmp_path):
    ours, theirs = tmp_path / "ours.jsonl", tmp_path / "theirs.json"
    ours.write_text(EXAMPLES[0].splitlines()[0], encoding="utf-8")
    theirs.write_text(EXAMPLES[1], encoding="utf-8")
    (one,), (other,) = read_feed(ours), read_feed(theirs)

    for answer in (one, other):
        assert isinstance(answer, Accepted)
        assert isinstance(answer.item, Job)
        assert (answer.item.title, answer.item.employer) == ("Site Engineer", "Acme Water")
        assert answer.item.salary == Salary(80_000, 105_000, "USD", "YEAR")
        assert answer.item.skills == ("AutoCAD", "SQL")


def test_every_member_and_facet_is_told_of():
    assert [name for name in JOB_MEMBERS if f"`{name}`" not in HOW_TO] == []
    assert [name for name in FACETS if f"`{name}`" not in HOW_TO] == []


def test_the_complaint_in_the_how_to_is_the_one_that_is_made(tmp_path):
    file = tmp_path / "jobs.jsonl"
    sound = '{"id": "j", "title": "T", "employer": "E"}\n'
    wrong = '{"id": "acme-4711", "title": "T", "employer": "E", "salary": {"currency": "USD", "unit": "MOON"}}\n'
    file.write_text(sound * 16 + wrong, encoding="utf-8")

    assert str(list(read_feed(file))[16]) in HOW_TO
