"""The six real SDKs against the whole house: each event once, one profile under both ids, and the times as they were sent."""

import secrets
import time
from datetime import UTC, datetime, timedelta

import pytest
from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient

from tests.e2e.running import until
from tests.sdk.conftest import node, node_modules
from tests.sdk.test_browser_sdks import RUDDER, SEGMENT, a_site, browser, visited
from tests.sdk.test_server_sdks import fail

__all__ = ["browser", "node", "node_modules"]
MINUTE = 60_000
SLACK = 2_000
"""Milliseconds that an event time may be off: it is corrected by when the call was sent, by the sender's clock and by ours."""


def now():
    return time.time() * 1000


@pytest.fixture
def persona(house):
    """A new person: user id, anonymous id, and a posting to look at."""
    name = secrets.token_hex(6)
    anonymous = f"sdk-a-{name}"
    return f"sdk-u-{name}", anonymous, house.jobs(anonymousId=anonymous)[0]["id"]


def held(house, persona):
    """Answer the user's whole profile once page, view and traits of the browser are in it."""
    user, _, job = persona

    def complete():
        found = house.profile("user_id", user)
        return (
            found
            and found["traits"].get("city") == "Bonn"
            and found["session"]["page_count"]
            and [each for each in found["interactions"] if each["job_id"] == job]
            and found
        )

    return until(complete)


def check(found, persona, *, since, ago=0):
    """Check a profile whose view an SDK dated `ago` milliseconds before sending it, at or after `since`."""
    user, anonymous, job = persona
    viewed = [each for each in found["interactions"] if each["kind"] == "viewed"]
    assert found["ids"] == [f"u:{user}", f"a:{anonymous}"]
    assert [each["job_id"] for each in viewed] == [job]
    assert sum(found["daily"]["job_viewed"].values()) == 1
    assert "gender" not in found["traits"]
    assert since - SLACK <= viewed[0]["at"] + ago <= now() + SLACK


@pytest.mark.parametrize("client", [SegmentClient, RudderClient], ids=["segment-python", "rudder-python"])
def test_a_python_sdks_events_are_one_profile(house, persona, client):
    user, anonymous, job = persona
    since, at = now(), datetime.now(UTC) - timedelta(minutes=1)
    sender = client(house.publishable, host=house.address, on_error=fail)
    sender.track(None, "Job Viewed", {"job_id": job}, anonymous_id=anonymous, timestamp=at)
    sender.page(None, "jobs", "List", {"path": "/jobs"}, anonymous_id=anonymous)
    sender.identify(user, {"city": "Bonn", "gender": "f"}, anonymous_id=anonymous)
    sender.flush()
    sender.join()

    check(held(house, persona), persona, since=since, ago=MINUTE)


@pytest.mark.parametrize("script", ["segment.js", "rudder.js"])
def test_a_node_sdks_events_are_one_profile(house, persona, node, script):
    since = now()
    node(script, house.address, house.publishable, *persona)

    check(held(house, persona), persona, since=since, ago=MINUTE)


@pytest.mark.parametrize("page", [SEGMENT, RUDDER], ids=["segment-browser", "rudder-browser"])
def test_a_browser_sdks_events_are_one_profile(house, persona, browser, node_modules, tmp_path, page):
    user, anonymous, job = persona
    html = page.replace("API", house.address).replace("HOST", house.address.removeprefix("http://"))
    html = html.replace("STRATEGY", "").replace("OPTIONS", "").replace("'pk_demo'", f"'{house.publishable}'")
    html = html.replace("'a1'", f"'{anonymous}'").replace("'u1'", f"'{user}'").replace("'j1'", f"'{job}'")

    since = now()
    with a_site(tmp_path, node_modules, html) as address:
        _, complaints = visited(browser, address)
        found = held(house, persona)

    assert complaints == []
    check(found, persona, since=since)
