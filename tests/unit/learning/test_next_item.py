"""Any log of views and any file of postings can be asked how well the engine guesses what comes next."""

import csv
from datetime import UTC, datetime
from random import Random

import polars as pl
import pytest
from click.testing import CliRunner

from careerstream.cli import cli
from catalog.sample import sample_jobs
from learning.interactions import read_interactions
from learning.next_item import ENGINE, next_item
from learning.tables import UnreadableTable, milliseconds
from schemas.job_json import job_to_json
from scorers.models import PriorModel
from scorers.policy import Policy

AT = 1_396_915_200_000
TOWNS, WORK = [f"Town {number}" for number in range(40)], ("Nurse", "Welder", "Cook", "Teacher")


def at(minutes):
    return datetime.fromtimestamp(AT / 1000 + 60 * minutes, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Views of people who stay in one town and one kind of work, as a portal exports them."""
    folder, chance = tmp_path_factory.mktemp("views"), Random(3)
    jobs = [(number, f"{chance.choice(WORK)} {number % 7}", chance.choice(TOWNS)) for number in range(1200)]
    with (folder / "jobs.csv").open("w") as file:
        rows = csv.writer(file)
        rows.writerow(["Job.ID", "Title", "Company", "City", "State.Code", "Created.At"])
        rows.writerows([number, title, f"Firm {number % 90}", town, "NY", at(-number)] for number, title, town in jobs)
    with (folder / "views.csv").open("w") as file:
        rows = csv.writer(file)
        rows.writerow(["Applicant.ID", "Job.ID", "View.Start", "View.Duration"])
        for person in range(150):
            home, work = chance.choice(TOWNS), chance.choice(WORK)
            alike = [number for number, title, town in jobs if town == home and title.startswith(work)]
            for visit in range(chance.choice([2, 2, 3, 5])):
                rows.writerow([person, f"{chance.choice(alike)}.0", at(person + visit * 40), chance.randrange(200)])
    return folder / "views.csv", folder / "jobs.csv"


@pytest.fixture(scope="module")
def found(files):
    return next_item(read_interactions(files[0], files[1], {}), model=PriorModel(), policy=Policy())


def test_columns_are_found_by_what_people_call_them(files):
    read = read_interactions(files[0], files[1], {})

    assert len(read.jobs) == 1200
    assert (read.unusable, read.unknown) == (0, 0)
    assert read.jobs[0].places[0].label.endswith(", NY")
    assert read.views == tuple(sorted(read.views))
    assert any(view.dwell_ms for view in read.views)


def test_the_engine_guesses_better_than_every_simple_ranking(found):
    ndcg = {name: figures.ndcg.value for name, figures in found.rankings.items()}

    assert found.questions > 50
    assert max(value for name, value in ndcg.items() if not name.startswith("engine")) < ndcg[ENGINE]
    assert ndcg["random"] < ndcg["same place as the last view, then popularity"]


def test_every_question_is_in_one_part_by_what_was_seen_before_and_one_by_place(found):
    counts = {part: count for part, (count, _) in found.slices.items()}

    assert counts["one earlier view"] + counts.get("two to four", 0) + counts.get("five and more", 0) == found.questions
    assert counts.get("in the place of the last view", 0) + counts.get("elsewhere", 0) == found.questions


def test_nothing_is_asked_about_the_first_part_of_the_time_nor_about_strangers_nor_twice(files):
    read = read_interactions(files[0], files[1], {})
    steps: list[int] = []
    one = next_item(read, model=PriorModel(), policy=Policy(), limit=1, on_step=steps.append)

    assert one.questions == 1
    assert sum(steps) == len(read.views)


def test_our_own_postings_and_json_lines_of_views_are_read_too(tmp_path):
    jobs = list(sample_jobs(AT))[:5]
    (tmp_path / "jobs.jsonl").write_bytes(b"\n".join(job_to_json(job) for job in jobs))
    views = pl.DataFrame({"user": ["a", "a"], "job_id": [jobs[0].id, "gone"], "timestamp": [AT // 1000, AT]})
    views.write_ndjson(tmp_path / "views.jsonl")

    read = read_interactions(tmp_path / "views.jsonl", tmp_path / "jobs.jsonl", {})

    assert [(view.candidate, view.item, view.at) for view in read.views] == [("a", jobs[0].id, AT)]
    assert read.unknown == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1396915200", AT), ("1396915200000", AT), ("1396915200000000", AT), ("2014-04-08T00:00:00Z", AT),
        ("2014-04-08 00:00:00 UTC", AT), ("4/8/2014 00:00", AT), ("2014-04-08", AT), ("soon", None), ("", None),
    ],
)  # fmt: skip
def test_times_are_read_as_people_write_them(text, expected):
    assert milliseconds(text) == expected


def test_a_column_that_cannot_be_guessed_is_asked_for_and_may_be_named(tmp_path, files):
    odd = tmp_path / "odd.csv"
    odd.write_text(files[0].read_text().replace("Applicant.ID", "Who"))

    with pytest.raises(UnreadableTable, match="--column candidate=NAME"):
        read_interactions(odd, files[1], {})
    with pytest.raises(UnreadableTable, match="has no column Whom"):
        read_interactions(odd, files[1], {"candidate": "Whom"})
    assert read_interactions(odd, files[1], {"candidate": "Who"}).views


def test_the_command_prints_the_tables(files):
    told = CliRunner().invoke(cli, ["evaluate", "--log", str(files[0]), "--items", str(files[1]), "--limit", "5"])

    assert told.exit_code == 0, told.output
    assert "nDCG@10" in told.output
    assert "same place as the last view, then popularity" in told.output
    assert "in the place of the last view" in told.output
