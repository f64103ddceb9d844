"""Which master keys hold, and when there are none to go on with."""

import base64

import pytest
from pydantic import SecretStr

from careerstream.errors import Stopped
from careerstream.settings import PrivacySettings
from careerstream.vault import master_keys_in_force

KEY = f"k1:{base64.b64encode(bytes(32)).decode()}"


def test_real_servers_without_a_master_key_are_not_started():
    with pytest.raises(Stopped, match="CAREERSTREAM_PRIVACY__MASTER_KEYS"):
        master_keys_in_force(PrivacySettings(), embedded=False)


def test_embedded_servers_have_a_master_key_that_ends_with_them():
    first, second = (master_keys_in_force(PrivacySettings(), embedded=True) for _ in range(2))

    assert first != second


def test_a_master_key_is_read_from_a_file_or_from_the_environment(tmp_path):
    (tmp_path / "keys").write_text(KEY + "\n")
    read = master_keys_in_force(PrivacySettings(master_keys_file=tmp_path / "keys"), embedded=False)

    assert read == master_keys_in_force(PrivacySettings(master_keys=SecretStr(KEY)), embedded=False)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Stopped, match="nowhere"):
        master_keys_in_force(PrivacySettings(master_keys_file=tmp_path / "nowhere"), embedded=False)
