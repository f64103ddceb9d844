"""A fully running house with its careers site, and browsers that visit it, each with a fresh profile."""

import os
from contextlib import ExitStack

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.visit import Visit, open_browser
from tests.e2e import running


@pytest.fixture(scope="session")
def careers_site(tmp_path_factory):
    """The site's address: the one named by CAREERS_SITE when somebody works on the pages, else a house of its own."""
    named = os.environ.get("CAREERS_SITE")
    if named:
        yield named.rstrip("/")
        return
    up = running.start(tmp_path_factory.mktemp("house") / "log")
    yield up.address
    up.stop()


@pytest.fixture(scope="module")
def browser():
    """Playwright's driver; a module's, since its event loop must have ended before an asynchronous test begins."""
    with sync_playwright() as driver:
        yield driver.chromium


@pytest.fixture
def visit(browser, careers_site, tmp_path):
    """Open the site as a new visitor; `width`, `dark` and the like say on what. Complaints of the page fail the test."""
    with ExitStack() as browsers:
        visits: list[Visit] = []

        def opened(path="/", **circumstances):
            folder = tmp_path / f"profile-{len(visits)}"
            visits.append(browsers.enter_context(open_browser(browser, careers_site, folder, **circumstances)))
            visits[-1].go(path)
            return visits[-1]

        yield opened
        complaints = [complaint for each in visits for complaint in each.complaints]
    assert complaints == []
