"""What a visitor does changes the list they see, at once, and the page says why."""


def test_opening_a_posting_changes_the_playlist_and_says_why(visit):
    visitor = visit()
    visitor.allow()
    before = visitor.playlist()

    visitor.stop(before[-1]).locator("h3 a").click()
    line = visitor.decided("Job Viewed")
    visitor.back_to_line()

    assert visitor.playlist() != before
    assert "accepted c" in line
    assert "decided in" in line
    assert visitor.page.locator("#round-trip").text_content().endswith("ms")
    for reasons in visitor.page.locator(".stop .because").all_text_contents():
        assert reasons.strip()


def test_the_decision_is_asked_with_the_position_that_the_event_got(visit):
    visitor = visit()
    visitor.allow()

    visitor.page.locator(".stop [data-mark=save]").first.click()
    visitor.decided("Job Saved")

    assert any(part.startswith("c") for part in visitor.asked()[-1]["after"].split("."))


def test_a_dismissed_job_leaves_the_list_and_its_reason_is_told(visit):
    visitor = visit()
    visitor.allow()
    job = visitor.playlist()[2]

    visitor.stop(job).locator("[data-mark=dismiss]").click()
    visitor.stop(job).locator("[data-reason=pay]").click()
    visitor.decided("Job Dismissed")

    assert job not in visitor.playlist()
    assert len(visitor.playlist()) == 10
    assert visitor.told("Job Dismissed")[0]["properties"]["reason"] == "pay"
    assert "Pays too little" in visitor.page.locator(f'#left-out [data-job="{job}"]').text_content()


def test_a_dismissed_job_can_be_brought_back(visit):
    visitor = visit()
    visitor.allow()
    job = visitor.playlist()[0]
    visitor.stop(job).locator("[data-mark=dismiss]").click()
    visitor.stop(job).locator("[data-reason=other]").click()
    visitor.decided("Job Dismissed")

    visitor.page.locator(".toast button").click()
    visitor.decided("Job Restored")

    assert visitor.page.locator("#left-out").count() == 0
    assert visitor.told("Job Restored")[0]["properties"]["job_id"] == job


def test_the_why_panel_tells_each_jobs_reasons_and_its_decision(visit):
    visitor = visit()

    visitor.page.locator(".stop .because").nth(3).click()

    opened = visitor.page.locator(".whys details[open]")
    opened.first.wait_for()
    assert opened.count() == 1
    assert opened.locator(".bar__words").first.text_content().strip()
    assert "probability" in opened.locator(".whys__facts").text_content()
    assert visitor.page.locator(".why__facts dd").first.text_content()


def test_a_job_that_was_on_screen_is_told_as_shown_with_its_decision(visit):
    visitor = visit()
    visitor.page.locator(".stop").first.scroll_into_view_if_needed()

    shown = visitor.until(lambda: visitor.told("Job List Viewed"))[0]["properties"]
    assert shown["decision_id"]
    assert set(shown["job_ids"]) <= set(visitor.playlist())
    assert len(shown["positions"]) == len(shown["job_ids"])


def test_reading_time_is_told_on_leaving_a_posting(visit):
    visitor = visit()
    job = visitor.playlist()[0]
    visitor.stop(job).locator("h3 a").click()
    visitor.page.wait_for_selector(".prose")
    visitor.page.wait_for_timeout(1500)

    visitor.page.locator(".back a").click()
    visitor.decided("Job Read")

    told = visitor.told("Job Read")[0]["properties"]
    assert told["job_id"] == job
    assert 1 <= told["seconds"] < 60


def test_searching_finds_postings_and_is_told(visit):
    visitor = visit()
    visitor.page.fill("#query", "engineer")
    visitor.page.locator(".hero .find button").click()
    visitor.page.wait_for_selector("#results .card")

    def is_complete():
        """Search again while the house, just started, still reads texts."""
        visitor.page.locator("#query").press("Enter")
        return "engineer" in visitor.page.locator(".count").text_content()

    assert visitor.page.input_value("#query") == "engineer"
    visitor.until(is_complete)
    assert visitor.until(lambda: visitor.told("Job Searched"))[0]["properties"]["query"] == "engineer"


def test_a_saved_job_waits_under_saved(visit):
    visitor = visit()
    job = visitor.playlist()[1]
    visitor.stop(job).locator("[data-mark=save]").click()

    visitor.page.locator('a[data-tab="Saved"]').click()
    visitor.page.wait_for_selector(f'.results [data-job="{job}"]')

    visitor.until(lambda: visitor.page.locator(".count-badge").first.text_content().startswith("1"))
