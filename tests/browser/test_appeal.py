"""A visitor asks that a person looks at their list, and is told that somebody will."""


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
