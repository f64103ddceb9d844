"""Browser SDKs on a page of another origin: preflights, settings, parallel calls in any order."""

import functools
import http.server
import shutil
import threading
from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright

SEGMENT = """
<script src="/segment/index.js"></script>
<script>
  AnalyticsNext.AnalyticsBrowser.load(
    {writeKey: 'pk_demo', cdnURL: 'API'},
    {integrations: {'Segment.io': {apiHost: 'HOST/v1', protocol: 'http', STRATEGY}}},
  ).then(async ([analytics]) => {
    analytics.setAnonymousId('a1')
    await analytics.page('jobs', 'List', {path: '/jobs'})
    await analytics.track('Job Viewed', {job_id: 'j1'})
    await analytics.identify('u1', {city: 'Bonn', gender: 'f'})
    await analytics.group('g1', {plan: 'b'})
    await analytics.screen('Jobs')
    await analytics.alias('u1', 'a1')
    window.done = true
  })
</script>
"""
RUDDER = """
<script src="/rudder/index.js"></script>
<script>
  const sdk = new rudderanalytics.RudderAnalytics()
  sdk.load('pk_demo', 'API', {configUrl: 'API', OPTIONS})
  rudderanalytics.ready(() => { window.done = true })
  rudderanalytics.setAnonymousId('a1')
  rudderanalytics.page('jobs', 'List', {path: '/jobs'})
  rudderanalytics.track('Job Viewed', {job_id: 'j1'})
  rudderanalytics.identify('u1', {city: 'Bonn', gender: 'f'})
  rudderanalytics.group('g1', {plan: 'b'})
  rudderanalytics.alias('u1', 'a1')
</script>
"""


@pytest.fixture
def browser():
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        assert path, "no browser: install chromium"
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@contextmanager
def a_site(folder, node_modules, html):
    """Serve a page and the SDKs' own files from an origin of its own."""
    (folder / "index.html").write_text(f"<!doctype html><title>Careers</title>{html}")
    for name, path in (
        ("segment", "@segment/analytics-next/dist/umd"),
        ("rudder", "@rudderstack/analytics-js/dist/npm/modern/bundled/umd"),
    ):
        (folder / name).symlink_to(node_modules / path)
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing: the tests' output is theirs."""


def visited(browser, address, *, until="window.done"):
    page = browser.new_page()
    complaints = []
    page.on("console", lambda message: complaints.extend([message.text] if message.type == "error" else []))
    page.on("pageerror", lambda error: complaints.extend([str(error)]))
    page.goto(address)
    page.wait_for_function(until, timeout=60_000)
    return page, [complaint for complaint in complaints if "favicon" not in complaint and "404 (File" not in complaint]


def check(messages, *, screen):
    found = {message.type: message for message in messages}
    assert sorted(found) == ["alias", "group", "identify", "page", *(["screen"] if screen else []), "track"]
    assert found["identify"].user_id == "u1"
    assert found["identify"].traits["city"] == "Bonn"
    assert "gender" not in str([message.traits for message in messages] + [message.context for message in messages])
    assert {message.anonymous_id for message in messages if message.type != "alias"} == {"a1"}
    assert found["track"].properties["job_id"] == "j1"
    assert found["track"].candidate_id == "a:a1"
    assert found["page"].properties["category"] == "jobs"
    assert found["page"].context["page"]["title"] == "Careers"
    assert all("ip" not in message.context for message in messages)
    assert all(message.received_at - 120_000 < message.event_time <= message.received_at for message in messages)
    assert len({message.message_id for message in messages}) == len(messages)


@pytest.mark.parametrize("strategy", ["", "deliveryStrategy: {strategy: 'batching', config: {size: 10, timeout: 500}}"])
def test_segments_browser_sdk_is_understood(running, browser, node_modules, tmp_path, strategy):
    html = SEGMENT.replace("API", running.url).replace("HOST", running.url.removeprefix("http://"))

    with a_site(tmp_path, node_modules, html.replace("STRATEGY", strategy)) as address:
        _, complaints = visited(browser, address)
        messages = running.received(6)

    assert complaints == []
    check(messages, screen=True)


def test_rudderstacks_browser_sdk_is_understood(running, browser, node_modules, tmp_path):
    html = RUDDER.replace("API", running.url).replace("OPTIONS", "")

    with a_site(tmp_path, node_modules, html) as address:
        _, complaints = visited(browser, address)
        messages = running.received(5)

    assert complaints == []
    check(messages, screen=False)


def test_rudderstacks_page_leave_beacon_is_understood(running, browser, node_modules, tmp_path):
    beacon = "useBeacon: true, beaconQueueOptions: {flushQueueInterval: 60000}"
    html = RUDDER.replace("API", running.url).replace("OPTIONS", beacon)

    with a_site(tmp_path, node_modules, html) as address:
        page, _ = visited(browser, address)
        page.close(run_before_unload=True)
        messages = running.received(5)

    check(messages, screen=False)
