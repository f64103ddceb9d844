"""What a visitor says outright takes effect at once, and so does their no."""

SALARY = 120_000
HOURS = {"HOUR": 2080, "DAY": 260, "WEEK": 52, "MONTH": 12, "YEAR": 1}
SET_SALARY = """(range, amount) => {
    range.value = String(amount);
    range.dispatchEvent(new Event("input", {bubbles: true}));
    range.dispatchEvent(new Event("change", {bubbles: true}));
}"""
READ_JOB = """id => fetch(`/v1/jobs/${id}`, {headers: {Authorization: "Basic " + btoa("pk_demo:")}}).then(answer => answer.json())"""


def test_a_stated_salary_takes_effect_at_once(visit):
    visitor = visit()
    visitor.allow()
    visitor.page.locator('a[data-tab="Preferences"]').click()
    visitor.page.locator("#wish-pay").evaluate(SET_SALARY, SALARY)
    visitor.decided("Preference Set")
    visitor.back_to_line()

    paid = [visitor.page.evaluate(READ_JOB, job).get("salary") for job in visitor.playlist()]
    assert paid
    for salary in filter(None, paid):
        highest = salary.get("maximum") or salary.get("minimum")
        assert highest * HOURS[salary["unit"]] >= SALARY


def test_a_chosen_field_changes_the_list_beside_the_choices(visit):
    visitor = visit("/preferences")
    leaders = ".leader[data-key]"
    visitor.page.wait_for_selector(leaders)
    before = visitor.page.eval_on_selector_all(leaders, "all => all.map(one => one.dataset.key)")

    visitor.page.locator('.wish[data-key="category"] .option').last.click()
    visitor.decided("Preference Set")

    assert visitor.page.eval_on_selector_all(leaders, "all => all.map(one => one.dataset.key)") != before
    assert visitor.told("Preference Set")[0]["properties"]["key"] == "category"


def test_a_choice_taken_back_is_told_as_no_preference(visit):
    visitor = visit("/preferences")
    remote = visitor.page.locator('.wish[data-key="workplace"] .option input').first
    remote.check()
    visitor.decided("Preference Set")
    remote.uncheck()
    visitor.page.locator(".log > li[data-state=decided]").nth(1).wait_for(state="attached")

    assert [one["properties"]["value"] for one in visitor.told("Preference Set")][-1] is None


def test_switching_personalisation_off_gives_the_same_list_as_everybody_gets(visit):
    visitor = visit()
    visitor.allow()
    visitor.stop(visitor.playlist()[-1]).locator("[data-mark=like]").click()
    visitor.decided("Job Liked")

    with visitor.page.expect_response("**/v1/decide") as decided:
        visitor.page.locator(".why [data-switch=no-personalising]").click()
    answer = decided.value.json()

    assert visitor.asked()[-1]["context"]["consent"]["categoryPreferences"]["personalization"] is False
    assert {choice["source"] for choice in answer["choices"] if "source" in choice} == {"default"}
    visitor.page.locator(".why__headline", has_text="Not personalised").wait_for()


def test_nothing_is_told_about_clicks_after_a_no(visit):
    visitor = visit()
    visitor.page.locator("[data-consent=no]").click()
    visitor.decided("Segment Consent Preference Updated")
    told_before = len(visitor.calls)

    visitor.page.locator(".stop [data-mark=save]").first.click()
    visitor.page.locator('.log > li[data-state="untold"]').wait_for(state="attached")

    assert [path for path, _ in visitor.calls[told_before:] if path != "/v1/decide"] == []


def test_starting_over_makes_a_new_visitor_without_a_past(visit):
    visitor = visit()
    visitor.allow()
    visitor.stop(visitor.playlist()[0]).locator("[data-mark=save]").click()
    visitor.decided("Job Saved")
    first = visitor.asked()[-1]["user"]["anonymousId"]

    with visitor.page.expect_response(lambda answer: "/v1/decide" in answer.url and first not in answer.text()):
        visitor.page.locator(".why [data-action=start-over]").click()

    assert visitor.asked()[-1]["user"]["anonymousId"] != first
    visitor.until(lambda: visitor.playlist() and not visitor.page.locator(".stop [aria-pressed=true]").count())
