"""What the code can answer, the documentation names."""

import re
from pathlib import Path

import api.errors
from api.access import ROUTES
from api.errors import STATUS
from api.metrics import METRIC_NAMES

ROOT = Path(api.errors.__file__).parent.parent
PAGE = (ROOT / "docs" / "reference" / "http.md").read_text()


def test_every_error_code_is_documented():
    missing = {refusal.code for refusal in STATUS if f"`{refusal.code}`" not in PAGE}

    assert not missing


def test_every_reason_to_reject_a_message_is_documented():
    code = "".join(
        (ROOT / name).read_text() for name in ("schemas/collecting.py", "schemas/events.py", "api/collect.py")
    )
    reasons = set(re.findall(r'(?:Rejection|MalformedMessage)\(\s*"([a-z_]+)"', code))
    reasons |= set(re.findall(r'MalformedMessage\(\s*"([a-z_]+)"', (ROOT / "api/cloudevents.py").read_text()))

    assert len(reasons) > 10
    assert not {reason for reason in reasons if f"`{reason}`" not in PAGE}


def test_every_metric_is_documented():
    assert not {name for name in METRIC_NAMES if f"`{name}`" not in PAGE}


def test_every_route_is_documented():
    single = re.compile(r"/v1/(track|t|identify|i|page|p|screen|s|group|g|alias|a)$")
    paths = {re.sub(r"\{\w+\}", "{", path) for _, path in ROUTES if not single.match(path)}
    told = re.sub(r"\{[^}]*\}(:\{[^}]*\})?", "{", PAGE)

    assert not {path for path in paths if path not in told}


def test_every_warning_of_a_decision_is_documented():
    warnings = set(re.findall(r'\.warn\(\s*"([a-z_]+)"', (ROOT / "api/decide.py").read_text()))

    assert warnings
    assert not {warning for warning in warnings if f"`{warning}`" not in PAGE}
