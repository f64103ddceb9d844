"""The candidate's own page: what is held, what is allowed, and the way out."""

import json

from tests.browser import looking


def opened(visit):
    visitor = visit()
    visitor.allow()
    job = visitor.playlist()[0]
    visitor.stop(job).locator("[data-mark=like]").click()
    visitor.decided("Job Liked")
    visitor.go("/privacy")
    return visitor, job


def test_the_page_says_what_is_held_and_what_was_guessed_from_it(visit):
    visitor, _ = opened(visit)
    visitor.page.locator("[data-held=something]").wait_for()

    assert "done with postings" in visitor.page.locator("[data-held]").text_content()
    assert visitor.page.locator("[data-wrong]").count() > 0
    for question in (looking.NAMELESS, looking.REPEATED_IDS, looking.FAINT, looking.TINY):
        assert visitor.page.evaluate(question) == []


def test_the_page_says_only_what_there_is(visit):
    visitor = visit("/privacy")
    visitor.page.locator("[data-held]").wait_for()

    assert "false" not in visitor.page.locator("[aria-labelledby=held-title]").text_content()


def test_a_guess_that_is_called_wrong_is_gone(visit):
    visitor, _ = opened(visit)
    first = visitor.page.locator("[data-wrong]").first
    wrong = first.get_attribute("data-wrong")

    first.click()

    visitor.page.locator(f'[data-wrong="{wrong}"]').wait_for(state="detached")


def test_switching_personalisation_off_makes_the_visitor_a_stranger_and_on_again_a_visitor(visit):
    visitor, _ = opened(visit)
    switch = visitor.page.locator("[data-consent-name=personalization]")
    with visitor.page.expect_response("**/v1/consents") as answered:
        switch.uncheck()
    assert answered.value.json()["consents"] == {"personalization": False}

    def is_a_stranger():
        visitor.go("/")
        with visitor.page.expect_response("**/v1/decide") as decided:
            visitor.page.reload()
        return not decided.value.json()["profile"]["known"]

    visitor.until(is_a_stranger)

    visitor.go("/privacy")
    with visitor.page.expect_response("**/v1/consents"):
        visitor.page.locator("[data-consent-name=personalization]").check()


def test_the_visitor_takes_everything_along_in_one_file(visit):
    visitor, job = opened(visit)
    with visitor.page.expect_download() as taken:
        visitor.page.locator("[data-action=export]").click()
    told = json.loads(taken.value.path().read_text())

    assert taken.value.suggested_filename == "my-data.json"
    assert job in told["profile"]["liked"]
    assert told["consentRecords"]


def test_erasing_takes_two_presses_and_leaves_a_stranger(visit):
    visitor, _ = opened(visit)
    before = visitor.asked()[-1]["user"]["anonymousId"]
    eraser = visitor.page.locator("[data-action=erase]")
    eraser.click()
    with visitor.page.expect_response(lambda answer: answer.request.method == "DELETE") as erased:
        eraser.click()

    assert erased.value.json()["erased"] == 1
    visitor.page.locator("[data-held]:not(:has-text('done with postings'))").wait_for()
    visitor.until(lambda: visitor.asked()[-1]["user"]["anonymousId"] != before)


def test_somebody_elses_number_opens_nothing(visit):
    first, second = opened(visit)[0], visit()
    number = first.asked()[-1]["user"]["anonymousId"]
    second.tolerated.append("401")

    status = second.page.evaluate(
        """async ([number]) => {
          const headers = { Authorization: "Basic " + btoa("pk_demo:"), "X-Visitor": number.split(".")[0] + ".k.forged" };
          return (await fetch(`/v1/profiles/anonymous_id:${number.split(".")[0]}/export`, { headers })).status;
        }""",
        [number],
    )

    assert status == 401


def test_the_question_stands_beside_a_list_that_is_not_personal_yet(visit):
    visitor = visit()

    assert visitor.page.locator("[data-consent=yes]").is_visible()
    assert visitor.page.locator("[data-consent=no]").is_visible()
    assert not visitor.told("Job Viewed")
    visitor.page.locator(".foot a[href='#/privacy']").wait_for()


def test_models_learn_from_a_visitor_who_said_so_and_from_nobody_else(visit):
    visitor, _ = opened(visit)
    assert not visitor.page.locator("[data-consent-name=research]").is_checked()
    granted = [one["context"]["consent"]["categoryPreferences"]["research"] for one in visitor.told("Job Liked")]
    with visitor.page.expect_response("**/v1/consents") as answered:
        visitor.page.locator("[data-consent-name=research]").check()
    assert answered.value.json()["consents"] == {"research": True}
    visitor.go("/")
    visitor.stop(visitor.playlist()[1]).locator("[data-mark=like]").click()
    visitor.decided("Job Liked")

    granted += [visitor.told("Job Liked")[-1]["context"]["consent"]["categoryPreferences"]["research"]]
    assert granted == [False, True]


def test_who_switches_trained_models_off_is_decided_for_without_one(visit):
    visitor, _ = opened(visit)
    with visitor.page.expect_response("**/v1/consents"):
        visitor.page.locator("[data-consent-name=ai_scoring]").uncheck()

    def decided_live():
        with visitor.page.expect_response("**/v1/decide") as decided:
            visitor.page.reload()
        body = decided.value.json()
        return None if any(choice.get("degraded") for choice in body["choices"]) else body

    visitor.go("/")
    body = visitor.until(decided_live)

    assert "model_refused" in [warning["code"] for warning in body["warnings"]]
    assert {choice["source"] for choice in body["choices"] if choice["type"] == "RECS"} == {"rule"}
