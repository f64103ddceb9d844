"""One visitor in a real Chromium: where they go, what they press, what the page told the API."""

import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import orjson
from playwright.sync_api import BrowserType, Page

PATIENCE_MS = 60_000
"""Many times what a quiet machine needs."""
POLL_MS = 50
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
STOPS = ".stop[data-key]"
MOVES_NOTHING = """() => document.getAnimations().every(
    one => one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity)"""


@dataclass
class Visit:
    site: str
    page: Page
    complaints: list[str] = field(default_factory=list)
    tolerated: list[str] = field(default_factory=list)
    """What the console may say in this test."""
    calls: list[tuple[str, dict]] = field(default_factory=list)

    def go(self, path):
        self.page.goto(f"{self.site}/#{path}")
        if path == "/":
            self.page.wait_for_selector(STOPS)

    def playlist(self):
        """Answer the ids on the line, first stop first."""
        return self.page.eval_on_selector_all(STOPS, "stops => stops.map(stop => stop.dataset.job)")

    def stop(self, job):
        return self.page.locator(f'.stop[data-job="{job}"]')

    def allow(self):
        """Answer the consent question with yes."""
        self.page.locator("[data-consent=yes]").click()
        self.decided("Segment Consent Preference Updated")

    def decided(self, event):
        """Wait until the newest event of that name is followed by a decision that knows it."""
        line = self.page.locator(f'.log > li[data-event="{event}"]').first
        line.and_(self.page.locator("[data-state=decided]")).wait_for(state="attached")
        return line.text_content()

    def until(self, question):
        """Ask until the answer is truthy, and answer it; the page's requests are heard meanwhile."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not (answer := question()):
            assert time.monotonic() < deadline, f"still {answer!r}"
            self.page.wait_for_timeout(POLL_MS)
        return answer

    def at_rest(self):
        """Wait until nothing moves or fades any more, but for what does so without end."""
        self.page.wait_for_function(MOVES_NOTHING)

    def shown(self):
        """Wait until the view that was gone to has its content."""
        self.page.wait_for_selector(".prose, #results .card, .wish, .empty, .stop[data-key]")
        self.at_rest()

    def back_to_line(self):
        """Go home and wait until the list has moved to where it belongs."""
        self.page.locator('a[data-tab="Home"]').click()
        self.page.wait_for_selector(STOPS)
        self.page.locator("#playlist:not([aria-busy])").wait_for()

    def told(self, event):
        """Answer the messages of that name that were sent so far."""
        messages = [one for path, body in self.calls if path != "/v1/decide" for one in body.get("batch", [body])]
        return [one for one in messages if one.get("event") == event]

    def asked(self):
        """Answer the decide calls so far."""
        return [body for path, body in self.calls if path == "/v1/decide"]

    def _hear(self, request):
        path = request.url.removeprefix(self.site)
        if request.method == "POST" and path.startswith("/v1/"):
            self.calls.append((path, orjson.loads(request.post_data_buffer)))

    def _mind(self, message):
        # That nothing is held about a visitor is a 404 by contract, and Chromium tells each 404 as an error.
        nothing_held = "404" in message.text and "/v1/profiles/" in message.location.get("url", "")
        tolerated = any(words in message.text for words in self.tolerated)
        if message.type in ("error", "warning") and not nothing_held and not tolerated:
            self.complaints.append(f"{message.type}: {message.text}")


@contextmanager
def open_browser(browser: BrowserType, site, folder, *, width=1280, height=860, dark=False, still=False):
    """Hold a visit in a Chromium with a profile of its own in `folder`."""
    chromium = shutil.which("chromium")
    assert chromium, "the browser tests need Chromium: apt-get install chromium"
    context = browser.launch_persistent_context(
        folder,
        executable_path=chromium,
        headless=True,
        args=FLAGS,
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce" if still else "no-preference",
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.pages[0]
    visit = Visit(site, page)
    page.on("console", visit._mind)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("request", visit._hear)
    yield visit
    context.close()
