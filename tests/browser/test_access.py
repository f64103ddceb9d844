"""The site for everyone: phones, keyboards, screen readers, weak eyes, calm motion."""

import pytest

from tests.browser import looking

VIEWS = ["/", "/search", "/saved", "/preferences"]


def views_of(visitor):
    """Show each view in turn, a posting and the panel included, and answer its name."""
    job = visitor.playlist()[0]
    for path in [*VIEWS, f"/jobs/{job}"]:
        visitor.go(path)
        visitor.shown()
        yield path


def test_no_view_scrolls_sideways_on_a_narrow_phone(visit):
    visitor = visit(width=360, height=740)
    for path in views_of(visitor):
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_the_panel_is_a_sheet_within_the_screen_on_a_phone(visit):
    visitor = visit(width=360, height=740)
    assert visitor.page.locator(".why").is_hidden()

    visitor.page.locator("#why-toggle").click()
    visitor.at_rest()

    box = visitor.page.locator(".why").bounding_box()
    assert (box["x"], round(box["width"])) == (0, 360)
    assert box["y"] > 100
    assert round(box["y"] + box["height"]) == 740


def test_no_view_complains_in_the_console(visit):
    visitor = visit()
    visited = list(views_of(visitor))

    assert len(visited) == 5
    assert visitor.complaints == []


def test_every_control_has_a_name_and_every_view_one_main_heading(visit):
    visitor = visit()
    for path in views_of(visitor):
        assert visitor.page.evaluate(looking.NAMELESS) == [], path
        assert visitor.page.locator("h1").count() == 1, path
        assert visitor.page.evaluate(looking.REPEATED_IDS) == [], path
    for landmark in ("header", "nav[aria-label]", "main", "aside[aria-labelledby]", "footer"):
        assert visitor.page.locator(landmark).count() >= 1, landmark


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(visit, dark):
    visitor = visit(dark=dark, still=True)
    for path in views_of(visitor):
        assert visitor.page.evaluate(looking.FAINT) == [], path


def test_controls_can_be_pressed_with_a_thumb(visit):
    visitor = visit(width=360, height=740)
    for path in views_of(visitor):
        assert visitor.page.evaluate(looking.TINY) == [], path


def test_the_keyboard_reaches_the_content_and_leaves_the_panel(visit):
    visitor = visit()
    keyboard = visitor.page.keyboard
    keyboard.press("Tab")
    assert visitor.page.evaluate("document.activeElement.className") == "skip"
    keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "main"

    visitor.page.locator(".stop .because").first.focus()
    keyboard.press("Enter")
    keyboard.press("Escape")

    assert visitor.page.locator(".why").is_hidden()
    assert visitor.page.evaluate("document.activeElement.id") == "why-toggle"


def test_a_new_view_is_announced_by_its_heading_and_title(visit):
    visitor = visit()
    visitor.page.locator('a[data-tab="Preferences"]').click()

    visitor.page.locator("h1:focus").wait_for()
    assert visitor.page.title().startswith("Preferences")


def test_a_change_of_the_list_is_said_aloud(visit):
    visitor = visit()
    visitor.allow()
    visitor.page.locator(".stop [data-mark=dismiss]").first.click()
    visitor.page.locator(".stop [data-reason=field]").first.click()

    visitor.page.locator("#announcer[aria-live=polite]", has_text="Your list changed").wait_for(state="attached")


def test_nothing_travels_for_those_who_asked_for_calm(visit):
    visitor = visit(still=True)
    visitor.allow()
    visitor.page.locator(".stop [data-mark=save]").last.click()
    visitor.decided("Job Saved")

    moving = "document.getAnimations().filter(one => one.effect.getComputedTiming().duration > 50).length"
    assert visitor.page.evaluate(moving) == 0
