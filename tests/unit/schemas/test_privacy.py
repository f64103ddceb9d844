"""The privacy file: what it says, and where it is wrong."""

import pytest

from careerstream.parts import SHIPPED
from schemas.config import ConfigError
from schemas.privacy import DAY_MS, Privacy, load_privacy
from schemas.tcf import Vendor


def test_the_shipped_file_grants_the_demo_personalisation_and_nobody_else_anything():
    shipped = load_privacy((SHIPPED / "privacy.yaml").read_text(), "privacy.yaml")

    assert shipped.default("demo") == {"personalization", "analytics"}
    assert shipped.default("careers-site") == frozenset()


def test_an_empty_file_grants_nothing():
    assert load_privacy("", "privacy.yaml") == Privacy()


def test_the_controller_may_be_a_vendor_of_tcf():
    text = "consent:\n  tcf_vendor: {id: 755, legitimate_interests: [7, 10]}"

    assert load_privacy(text, "privacy.yaml").vendor == Vendor(755, frozenset({7, 10}))


def test_a_class_that_the_file_leaves_out_keeps_its_time():
    kept = load_privacy("retention: {events: 7d}", "privacy.yaml").retention_ms

    assert kept["events"] == 7 * DAY_MS
    assert kept["profile"] == 365 * DAY_MS


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("consent:\n  default:\n    site: [personalisation]", "privacy.yaml:3: .*did you mean 'personalization'"),
        ("consent:\n  default:\n    site: [photo]", "privacy.yaml:3"),
        ("retention:\n  clicks: 3d", "privacy.yaml:2: unknown 'clicks'"),
        ("retention:\n  events: soon", "privacy.yaml:2: .*a time such as"),
        ("consent:\n  tcf_vendor: {id: 0}", "privacy.yaml:2: id is 0"),
        ("consent:\n  tcf_vendor: {legitimate_interests: 7}", "privacy.yaml:2: id is missing"),
        ("consent:\n  tcf_vendor:\n    id: 9\n    legitimate_interests: [7, 3]", "privacy.yaml:4: .*purpose 3"),
        ("owner: me", "privacy.yaml:1: unknown 'owner'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text, told):
    with pytest.raises(ConfigError, match=told):
        load_privacy(text, "privacy.yaml")
