"""Keys that are made, replaced and revoked while the house runs."""

import pytest

from tests.e2e.running import command, until

pytestmark = pytest.mark.servers


@pytest.fixture
def keys(real_environment):
    def run(*arguments):
        done = command("keys", *arguments, environment=real_environment)
        assert done.returncode == 0, done.stderr
        return done

    return run


def is_known(house, key):
    return house.http.get("/v1/facets", auth=(key, "")).status_code == 200


def test_a_key_opens_the_running_house_until_it_is_revoked(house, keys):
    made = keys("create", "shop", "--publishable", "--origin", "https://shop.example")
    key, key_id = made.stdout.strip(), made.stderr.split()[2]
    until(lambda: is_known(house, key))

    successor = keys("rotate", key_id, "--overlap", "1").stdout.strip()
    until(lambda: is_known(house, successor))
    assert is_known(house, key)
    keys("revoke", key_id)
    until(lambda: not is_known(house, key))
    assert is_known(house, successor)

    listed = keys("list").stdout
    assert "https://shop.example" in listed
    assert successor not in listed
    assert successor[-4:] in listed


def test_what_cannot_be_is_said_in_one_sentence(real_environment):
    for arguments, says in (
        (("create", "x"), "which kind of key"),
        (("create", "x", "--secret", "--scope", "all"), "scope 'all' is none of"),
        (("create", "x", "--ad"), "names the segments"),
        (("create", "x y", "--secret"), "source must be a name"),
        (("rotate", "k0"), "keys list"),
        (("revoke", "k0"), "keys list"),
    ):
        done = command("keys", *arguments, environment=real_environment)

        assert done.returncode == 1
        assert says in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
