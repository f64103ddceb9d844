"""`careerstream audit bias` on an exported log: what it says, how it ends, and the page that it writes to be published."""

import re

import orjson
import pytest
from click.testing import CliRunner

from careerstream.cli import cli
from learning.log import write_records
from tests.unit.learning.served import ServedLog

PEOPLE = 240


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An export in which women are shown fallbacks every other time, and a file of labels that forgets some."""
    folder, served = tmp_path_factory.mktemp("export"), ServedLog()
    lines = ["candidate,sex,origin"]
    for number in range(PEOPLE):
        sex = "f" if number % 2 else "m"
        for turn in range(2):
            served.serve(f"u:{number}", [("j-<1>", 0.3)], rung="site" if sex == "f" and turn else "live")
        if number >= 20:
            lines.append(f"u:{number},{sex},{'x' if number < 24 else 'y'}")
    for topic, records in served.log.topics.items():
        write_records(records, folder / f"{topic.value}-00000.parquet")
    (folder / "labels.csv").write_text("\n".join(lines))
    return folder


def audit(folder, *more):
    asked = ["audit", "bias", "--groups", str(folder / "labels.csv"), "--log", str(folder), *more]
    return CliRunner().invoke(cli, asked)


def test_a_group_that_is_served_less_is_named_first_and_ends_the_command_with_1(folder):
    done = audit(folder)

    head, first, *_ = done.output.splitlines()
    assert done.exit_code == 1
    assert head.startswith("480 lists of 240 people, 0 left out")
    assert re.match(r"FLAGGED  recommended +sex f: 110 people, rate 0\.500, ratio 0\.500 \(", first)
    assert "origin x: too few to be told" in done.output


def test_the_page_has_all_that_the_law_wants_published(folder, tmp_path):
    audit(folder, "--pages", str(tmp_path), "--distributed", "2026-03-01", "--auditor", "Ann & Other")

    page, told = (tmp_path / "bias-audit.html").read_text(), orjson.loads((tmp_path / "bias-audit.json").read_bytes())
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", told["dateOfBiasAudit"])
    assert (told["distributionDate"], told["auditor"]) == ("2026-03-01", "Ann & Other")
    assert told["unknown"] == {"sex": 20, "origin": 20, "sex and origin": 20}
    assert told["dataSource"]
    assert "480 lists served to 240 people" in told["dataExplanation"]
    women = next(cell for cell in told["cells"] if (cell["measure"], cell["value"]) == ("recommended", "f"))
    assert (women["people"], women["rate"], women["compared"][0]) == (110, 0.5, 0.5)
    figures = (tmp_path / "bias-audit.prom").read_text()
    flagged = dict(re.findall(r'careerstream_bias_flagged\{measure="([^"]+)"\} ([\d.]+)', figures))
    assert sum(map(float, flagged.values())) == told["flagged"] > 0
    assert flagged.keys() == {cell["measure"] for cell in told["cells"]}
    assert re.search(r"^careerstream_bias_audited_timestamp_seconds \d", figures, re.MULTILINE)
    small = next(cell for cell in told["cells"] if cell["value"] == "x")
    assert (small["people"], small["excluded"]) == (None, "too few to be told")
    for said in (
        "Scoring rates", "Selection rates", "Date of the most recent bias audit", "Distribution date of the tool", "Ann &amp; Other",
        "In an unknown category", "by sex and origin", "<td>110</td><td>0.500</td><td>0.50</td>",
    ):  # fmt: skip
        assert said in page


def test_a_page_without_auditor_or_day_is_refused_before_anything_is_read(folder, tmp_path):
    done = audit(folder, "--pages", str(tmp_path), "--auditor", "Ann")

    assert done.exit_code == 1
    assert "add --auditor and --distributed" in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_log_without_lists_has_nothing_to_audit(folder, tmp_path):
    write_records([], tmp_path / "decisions-00000.parquet")
    (tmp_path / "labels.csv").write_text("candidate,sex\n")

    assert "nothing to audit" in audit(tmp_path).output
