"""When the API is away the page stays calm, says the next step and loses nothing."""

import re

TELLING = re.compile(r"/v1/(track|batch)$")


def test_an_event_waits_while_the_api_is_away_and_arrives_later(visit):
    visitor = visit()
    visitor.allow()
    visitor.tolerated.append("Failed to load resource")
    visitor.page.route("**/v1/*", lambda route: route.abort())

    visitor.page.locator(".stop [data-mark=save]").first.click()
    visitor.page.wait_for_selector("#trouble p")
    sentence = visitor.page.locator("#trouble p").text_content()
    visitor.page.unroute("**/v1/*")
    visitor.page.locator("#trouble button").click()
    visitor.page.locator("#trouble p").wait_for(state="detached")

    assert sentence.endswith("as soon as it answers.")
    kept = visitor.until(lambda: len(told := visitor.told("Job Saved")) > 1 and told)
    assert len({one["messageId"] for one in kept}) == 1


def test_a_busy_api_is_asked_again_after_the_time_it_names(visit):
    visitor = visit()
    refusals: list[str] = []
    visitor.tolerated.append("Failed to load resource")

    def refuse_once(route):
        # Only the click's own event, alone or in a batch: the page also tells what it showed, at moments of its own.
        if refusals or "Job Liked" not in (route.request.post_data or ""):
            return route.continue_()
        refusals.append(route.request.url)
        body = '{"code": "log_away", "message": "Kafka is away"}'
        return route.fulfill(status=503, headers={"Retry-After": "2"}, content_type="application/json", body=body)

    visitor.page.route(TELLING, refuse_once)
    with visitor.page.expect_response(
        lambda answer: answer.ok and TELLING.search(answer.url) and "Job Liked" in (answer.request.post_data or "")
    ):
        visitor.page.locator(".stop [data-mark=like]").first.click()

    assert len(refusals) == 1


def test_a_posting_that_is_gone_is_said_in_a_sentence(visit):
    visitor = visit()
    visitor.tolerated.append("Failed to load resource")
    visitor.go("/jobs/no-such-posting")
    visitor.page.wait_for_selector(".calm")

    assert (
        visitor.page.locator(".calm").text_content() == "This posting is no longer open. Your list has others like it."
    )
    assert visitor.told("Job Viewed") == []
