import hashlib

import pytest

from api.keys import KeyRing, UnusableKeys, parse_keys

SHA = hashlib.sha256(b"sk_live_1").hexdigest()
FILE = f"""
- source: site
  publishable: pk_live_1
  origins: [https://careers.example]
- source: ats
  secret_sha256: {SHA}
"""


def test_a_key_file_names_who_may_do_what():
    ring = KeyRing(parse_keys(FILE, "keys.yaml"))

    site, ats = ring.find("pk_live_1"), ring.find("sk_live_1")
    assert site is not None
    assert ats is not None
    assert (site.source, site.is_secret, site.allows("https://careers.example")) == ("site", False, True)
    assert (ats.source, ats.is_secret, ats.allows("https://careers.example")) == ("ats", True, False)
    assert ring.find("pk_demo") is None


def test_no_secret_is_held_in_the_clear():
    assert "sk_live_1" not in repr(parse_keys(FILE, "keys.yaml"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not YAML"),
        ("a: b", "no list"),
        ("", "no list"),
        ("- 3", "entry 1"),
        ("- {source: x}", "either publishable or secret_sha256"),
        ("- {source: 'a b', publishable: pk_1}", "source must be"),
        ("- {source: x, publishable: sk_1}", "starts with pk_"),
        ("- {source: x, secret_sha256: abc}", "64 hex"),
        ("- {source: x, publishable: pk_1, origins: [careers.example]}", "scheme://host"),
        ("- {source: x, publishable: pk_1, origin: []}", "origin is none of"),
        (f"- {{source: x, secret_sha256: '{SHA}', origins: [https://a.example]}}", "no origins"),
    ],
)
def test_an_unusable_key_file_says_where_and_what(text, says):
    with pytest.raises(UnusableKeys, match=says) as refused:
        parse_keys(text, "keys.yaml")

    assert "keys.yaml" in str(refused.value)
