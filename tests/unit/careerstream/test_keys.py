"""Which keys hold where."""

import pytest

from api.keys import KeyRing, digest_of
from careerstream.errors import Stopped
from careerstream.keys import keys_in_force
from careerstream.settings import ApiSettings


def test_the_demo_keys_hold_on_embedded_servers():
    keys = KeyRing(keys_in_force(ApiSettings(), embedded=True))

    assert keys.find("pk_demo")
    assert keys.find("sk_demo")


def test_real_servers_do_not_start_without_a_key_file():
    with pytest.raises(Stopped, match="CAREERSTREAM_API__KEYS_FILE"):
        keys_in_force(ApiSettings(), embedded=False)


@pytest.mark.parametrize(
    "entry", ["- {source: s, publishable: pk_demo}", f"- {{source: s, secret_sha256: {digest_of('sk_demo')}}}"]
)
def test_a_key_file_with_a_demo_key_is_refused_on_real_servers(tmp_path, entry):
    file = tmp_path / "keys.yaml"
    file.write_text(entry)

    with pytest.raises(Stopped, match="demo key"):
        keys_in_force(ApiSettings(keys_file=file), embedded=False)


def test_a_broken_key_file_is_named_with_its_entry(tmp_path):
    file = tmp_path / "keys.yaml"
    file.write_text("- {source: s}")

    with pytest.raises(Stopped, match=r"keys\.yaml, entry 1"):
        keys_in_force(ApiSettings(keys_file=file), embedded=False)
