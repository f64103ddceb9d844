"""A visitor asks that a person looks at their list, is told that somebody will, and finds what became of it with their data."""

import httpx


def test_a_visitor_asks_a_person_to_look_at_their_list(visit):
    visitor = visit()
    visitor.allow()
    visitor.stop(visitor.playlist()[0]).locator("[data-mark=like]").click()
    visitor.decided("Job Liked")
    panel = visitor.page.locator("#why")
    if panel.is_hidden():
        visitor.page.locator("#why-toggle").click()
    panel.locator("[data-appeal=box] > summary").click()
    panel.locator("#appeal-reason").fill("I would rather see other towns")
    with visitor.page.expect_response("**/v1/appeals") as answered:
        panel.locator("[data-action=appeal]").click()

    assert (answered.value.status, answered.value.json()["status"]) == (200, "open")
    panel.locator("[data-appeal=standing][data-status=open]").wait_for()

    visitor.go("/privacy")
    line = visitor.page.locator("[data-appeal^=ap-]")
    assert "other towns" in line.text_content()
    assert line.get_attribute("data-status") == "open"
    verdict = {"outcome": "uphold", "why": "you asked for these towns"}
    path = f"/v1/appeals/{line.get_attribute('data-appeal')}/decision"
    decided = httpx.post(f"{visitor.site}{path}", json=verdict, auth=("sk_demo", ""), timeout=60)
    assert decided.status_code == 200, decided.text

    visitor.page.reload()

    told = visitor.page.locator("[data-appeal^=ap-][data-status=decided]")
    told.wait_for()
    assert "you asked for these towns" in told.text_content()
