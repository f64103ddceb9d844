"""Alarms and board ask for what Careerstream tells, and every alarm says what to do."""

import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
GROUPS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alarms.yml").read_text())["groups"]
ALARMS = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}
FIGURES = ROOT / "tests" / "integration" / "alarms.yml"
PANELS = json.loads((ROOT / "deploy" / "grafana" / "careerstream.json").read_text())["panels"]
METRICS = (ROOT / "docs" / "reference" / "metrics.md").read_text()
RUNBOOK = (ROOT / "docs" / "operations.md").read_text()
QUERIES = [rule["expr"] for rule in ALARMS.values()] + [ask["expr"] for panel in PANELS for ask in panel["targets"]]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_metrics_that_are_told(query):
    names = re.findall(r"careerstream_\w+", query)
    told = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in names}

    assert names or query.startswith("up{")
    assert {name for name in told if f"`{name}`" not in METRICS} == set()


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_has_a_runbook(alarm):
    _, found, rest = RUNBOOK.partition(f"### {alarm}\n")
    section = rest.partition("\n#")[0]

    assert found, f"docs/operations.md has no section ### {alarm}"
    for part in ("**You see**", "**Look**", "**Do**", "**Over when**"):
        assert part in section, part


def test_every_alarm_has_figures_under_which_it_fires():
    assert {case["name"] for case in yaml.safe_load(FIGURES.read_text())["tests"]} == ALARMS.keys()


def test_no_panel_lies_upon_another():
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in PANELS]

    assert len(set(places)) == len(places)
    assert len({panel["title"] for panel in PANELS}) == len(PANELS)
