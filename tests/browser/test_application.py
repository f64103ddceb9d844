"""Applying in the demo: what is told, what is not, and what follows."""

import orjson

NAME = "Ada Q. Visitor"


def apply(visitor, job):
    visitor.stop(job).locator("h3 a").click()
    visitor.page.locator("[data-action=apply]").click()
    visitor.page.fill("#apply-name", NAME)
    visitor.page.fill("#apply-reach", "ada@example.org")
    visitor.page.locator(".apply form button").click()
    visitor.page.fill("#apply-note", "I like maps.")
    visitor.page.locator(".apply form button").click()
    visitor.decided("Application Submitted")


def test_an_application_is_told_step_by_step_under_one_id(visit):
    visitor = visit()
    visitor.allow()
    job = visitor.playlist()[0]
    apply(visitor, job)

    steps = [visitor.told(f"Application {name}") for name in ("Started", "Step Completed", "Submitted")]
    assert [len(told) for told in steps] == [1, 1, 1]
    assert {told[0]["properties"]["job_id"] for told in steps} == {job}
    assert len({told[0]["properties"]["application_id"] for told in steps}) == 1


def test_nothing_typed_into_the_form_leaves_the_page(visit):
    visitor = visit()
    visitor.allow()
    apply(visitor, visitor.playlist()[0])

    sent = orjson.dumps([body for _, body in visitor.calls]).decode()
    for typed in (NAME, "ada@example.org", "I like maps."):
        assert typed not in sent


def test_an_application_hides_its_job_and_brings_a_prep_pack_and_one_question(visit):
    visitor = visit()
    visitor.allow()
    job = visitor.playlist()[0]
    apply(visitor, job)

    visitor.page.wait_for_selector(".prep")
    visitor.page.locator(".scale__step").nth(3).click()
    visitor.decided("Survey Answered")
    visitor.back_to_line()

    assert visitor.told("Survey Answered")[0]["properties"]["score"] == 4
    assert job not in visitor.playlist()


def test_closing_the_form_is_told_as_abandoned(visit):
    visitor = visit()
    visitor.allow()
    visitor.stop(visitor.playlist()[0]).locator("h3 a").click()
    visitor.page.locator("[data-action=apply]").click()
    visitor.decided("Application Started")

    visitor.page.keyboard.press("Escape")
    visitor.decided("Application Abandoned")

    assert not visitor.page.locator("dialog[open]").count()
