"""The file of keys that sign, made and renewed by `careerstream keys signing`."""

import orjson
from click.testing import CliRunner

from api.signing_keys import secrets_of
from careerstream.cli import cli


def signing(file):
    return CliRunner().invoke(cli, ["keys", "signing", str(file)])


def kids(file):
    return list(secrets_of(file.read_bytes(), str(file)))


def test_a_file_is_made_for_its_owner_alone(tmp_path):
    file = tmp_path / "keys.json"

    assert signing(file).exit_code == 0
    assert len(kids(file)) == 1
    assert file.stat().st_mode & 0o077 == 0


def test_the_next_secret_signs_and_one_before_it_still_counts(tmp_path):
    file = tmp_path / "keys.json"
    file.write_bytes(orjson.dumps({"keys": [{"kty": "oct", "kid": f"old-{n}", "k": "c" * 43} for n in (1, 2)]}))

    signing(file)
    new, *older = kids(file)
    assert new not in {"old-1", "old-2"}
    assert older == ["old-1"]


def test_a_providers_public_keys_are_not_overwritten(tmp_path):
    file = tmp_path / "keys.json"
    file.write_text('{"keys": [{"kty": "RSA", "kid": "a"}]}')

    done = signing(file)
    assert done.exit_code == 1
    assert "no file to sign with" in done.output
    assert '"RSA"' in file.read_text()
