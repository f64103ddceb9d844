"""docs/reference/ranking.md tells what the code does: every feature with its weights, every source, rule and reason."""

import re
from pathlib import Path

from scorers.policy import PLAYLISTS
from scorers.prior import FIT_INTERCEPT, INTEREST_INTERCEPT, PRIOR
from scorers.reasons import CODES, REASON_OF
from scorers.rules import RULES
from scorers.sources import SOURCES

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "ranking.md").read_text()
ROWS = [[cell.strip("` ") for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")]
NAMES = {row[0] for row in ROWS}


def test_every_feature_stands_there_with_its_weights():
    told = {row[0]: (float(row[1]), float(row[2])) for row in ROWS if len(row) == 4 and row[0] in PRIOR}

    assert told == {name: tuple(weights) for name, weights in PRIOR.items()}
    assert f"Intercepts: fit {FIT_INTERCEPT}, interest {INTEREST_INTERCEPT}." in PAGE


def test_every_source_rule_and_playlist_stands_there():
    for name in (*(source.name for source in SOURCES), *(rule.name for rule in RULES), *PLAYLISTS):
        assert name in NAMES, name


def test_every_reason_stands_there_with_its_features():
    told = {row[0]: set(re.findall(r"\w+", row[2])) for row in ROWS if len(row) == 3 and row[0] in CODES}

    for code in CODES:
        assert told[code] == {feature for feature, spoken in REASON_OF.items() if spoken == code}, code
