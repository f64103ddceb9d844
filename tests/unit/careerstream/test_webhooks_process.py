"""What the settings say about webhooks is checked before anything is told."""

import pytest

from careerstream.errors import Stopped
from careerstream.opendsr import outward_of
from careerstream.settings import Settings, WebhookSettings
from careerstream.webhooks_process import webhooks_of


def settings(**webhooks):
    return Settings(webhooks=WebhookSettings(**webhooks))


def test_only_named_hosts_are_told():
    assert outward_of(settings(hosts="a.example, b.example,"), embedded=False).hosts == {"a.example", "b.example"}


def test_this_machine_is_told_on_embedded_servers_only():
    assert outward_of(settings(loopback=True), embedded=True).loopback
    with pytest.raises(Stopped, match="WEBHOOKS__LOOPBACK"):
        outward_of(settings(loopback=True), embedded=False)


def test_a_file_that_is_missing_or_wrong_is_named(tmp_path):
    outward = outward_of(settings(), embedded=False)
    wrong = tmp_path / "webhooks.yaml"
    wrong.write_text("- {name: crm}")

    for told, says in (
        (settings(), "WEBHOOKS__FILE"),
        (settings(file=tmp_path / "none"), "none"),
        (settings(file=wrong), "entry 1"),
    ):
        with pytest.raises(Stopped, match=says):
            webhooks_of(told, outward)
