"""The main job: what a visitor does changes the next decision."""

import secrets

from tests.e2e.running import until


def facets(house, job):
    answer = house.http.get(f"/v1/jobs/{job}", auth=(house.publishable, ""))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_click_changes_the_next_playlist_and_the_reasons_say_why(house, visitor):
    before = [item["id"] for item in house.jobs(anonymousId=visitor)]
    chosen = before[-1]

    sent = house.send("Job Viewed", {"job_id": chosen}, anonymousId=visitor)
    answer = house.decide("jobs", user={"anonymousId": visitor}, after=sent["after"])

    items = answer["choices"][0]["items"]
    assert answer["profile"]["known"]
    assert [item["id"] for item in items] != before
    assert all(item["reasons"] for item in items)
    assert all(0 < item["propensity"] <= 1 for item in items)


def test_a_dismissed_job_is_gone_from_the_next_playlist(house, visitor):
    dismissed = house.jobs(anonymousId=visitor)[0]["id"]

    sent = house.send("Job Dismissed", {"job_id": dismissed, "reason": "too far"}, anonymousId=visitor)

    assert dismissed not in [item["id"] for item in house.jobs(anonymousId=visitor, after=sent["after"])]


def test_a_submitted_application_hides_its_job(house, visitor):
    job = house.jobs(anonymousId=visitor)[0]["id"]

    sent = house.send("Application Submitted", {"job_id": job}, anonymousId=visitor)

    assert job not in [item["id"] for item in house.jobs(anonymousId=visitor, after=sent["after"])]


def test_an_explicit_salary_floor_is_never_undercut(house, visitor):
    sent = house.send("Preference Set", {"key": "salary_min", "value": 120_000}, anonymousId=visitor)

    items = house.jobs(anonymousId=visitor, after=sent["after"])

    assert items
    for item in items:
        salary = facets(house, item["id"])["salary"]
        assert salary["maximum"] is None or salary["unit"] != "YEAR" or salary["maximum"] >= 120_000


def test_a_publishable_key_never_reads_another_persons_state(house, visitor):
    user = f"u-{secrets.token_hex(8)}"
    disliked = house.jobs(anonymousId=visitor)[0]["id"]
    sent = house.send("Job Dismissed", {"job_id": disliked}, key=house.secret, userId=user)
    known = house.decide("jobs", key=house.secret, user={"userId": user}, after=sent["after"])

    claimed = house.decide("jobs", user={"userId": user, "anonymousId": visitor})

    assert known["profile"]["known"]
    assert not claimed["profile"]["known"]


def test_a_verified_link_makes_one_person_of_both_ids(house, visitor):
    user = f"u-{secrets.token_hex(8)}"
    job = house.jobs(anonymousId=visitor)[0]["id"]
    house.send("Job Saved", {"job_id": job}, anonymousId=visitor)

    house.send(
        None, path="/v1/identify", key=house.secret, userId=user, anonymousId=visitor, traits={"firstName": "Ada"}
    )

    merged = until(lambda: (found := house.profile("user_id", user)).get("saved") and found)
    assert job in str(merged["saved"])


def test_content_slots_answer_in_the_order_asked(house, visitor):
    choices = house.decide("hero", "jobs", "benefits", "gone", "media", user={"anonymousId": visitor})["choices"]

    assert [choice["selector"] for choice in choices] == ["hero", "jobs", "benefits", "gone", "media"]
    assert choices[3] == {"selector": "gone", "type": "NONE", "reason": "unknown_selector"}


def test_a_past_decision_can_be_explained(house, visitor):
    house.send("Job Viewed", {"job_id": house.jobs(anonymousId=visitor)[0]["id"]}, anonymousId=visitor)
    decision = house.decide("jobs", user={"anonymousId": visitor})["choices"][0]["decisionId"]

    told = until(
        lambda: (
            (answer := house.http.get(f"/v1/decisions/{decision}", auth=(house.secret, ""))).status_code == 200
            and answer.json()
        )
    )

    assert told["decisionId"] == decision
    assert told["items"]


def test_without_consent_to_personalisation_the_answer_is_the_unknown_visitors(house, visitor):
    sent = house.send("Job Dismissed", {"job_id": house.jobs(anonymousId=visitor)[0]["id"]}, anonymousId=visitor)
    refused = {"consent": {"categoryPreferences": {"personalization": False}}}

    answer = house.decide("jobs", user={"anonymousId": visitor}, context=refused, after=sent["after"])
    stranger = house.decide("jobs", user={"anonymousId": f"never-{secrets.token_hex(4)}"}, context=refused)

    assert answer["choices"][0]["source"] == "default"
    assert [i["id"] for i in answer["choices"][0]["items"]] == [i["id"] for i in stranger["choices"][0]["items"]]


def test_a_visitor_enters_segments_by_what_it_does(house, visitor):
    for job in house.jobs(anonymousId=visitor)[:3]:
        house.send("Job Saved", {"job_id": job["id"]}, anonymousId=visitor)

    def segments():
        answer = house.http.get(f"/v1/profiles/anonymous_id:{visitor}/segments", auth=(house.secret, ""))
        return answer.status_code == 200 and answer.json()["segments"]

    assert until(segments)


def test_the_demo_site_is_served_and_may_not_be_framed_elsewhere(house):
    page = house.http.get("/")

    assert page.status_code == 200
    assert "<!doctype html>" in page.text.lower()
    assert page.headers["cache-control"] == "no-cache"
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"


def test_what_others_looked_at_beside_it_is_shown_and_told(house):
    def alike(job):
        visitor = f"v-{secrets.token_hex(8)}"
        sent = house.send("Job Viewed", {"job_id": job}, anonymousId=visitor)
        return [item for item in house.jobs(anonymousId=visitor, after=sent["after"]) if item["id"] != job]

    one, *others = [item["id"] for item in house.jobs(anonymousId=f"v-{secrets.token_hex(8)}")]
    another = alike(one)[2]["id"]
    looked_at = [[one, another]] * 8 + [others[:2]] * 12 + [others[2:4]] * 12
    visitors = {f"v-{secrets.token_hex(8)}": jobs for jobs in looked_at}
    views = [
        {"type": "track", "event": "Job Viewed", "properties": {"job_id": job}, "anonymousId": visitor}
        for visitor, jobs in visitors.items()
        for job in jobs
    ]
    house.send(None, path="/v1/batch", batch=views)

    def told():
        found = [reason["text"] for item in alike(one) if item["id"] == another for reason in item["reasons"]]
        return any("also looked at this" in text for text in found)

    until(told)


def test_what_visitors_do_with_a_posting_is_counted_for_colleagues(house, visitor):
    job = house.jobs(anonymousId=visitor)[0]["id"]
    house.send("Job List Viewed", {"job_ids": [job]}, anonymousId=visitor)
    house.send("Job Viewed", {"job_id": job, "position": 1}, anonymousId=visitor)

    def counted():
        answer = house.http.get(f"/v1/items/{job}/statistics", auth=(house.secret, ""))
        week = answer.json()["windows"]["week"]
        return week["shown"] > 0.9 and week["viewed"] > 0.9

    until(counted)
    assert house.http.get(f"/v1/items/{job}/statistics", auth=(house.publishable, "")).status_code == 403


def test_what_a_visitor_who_is_not_to_be_counted_does_is_folded_and_in_no_figure(house, visitor):
    job, other = house.jobs(anonymousId=visitor)[-1]["id"], f"v-{secrets.token_hex(8)}"

    def saves():
        answer = house.http.get(f"/v1/items/{job}/statistics", auth=(house.secret, ""))
        return answer.json()["windows"]["week"]["saved"]

    before = saves()
    house.send(None, path="/v1/consents", key=house.secret, anonymousId=visitor, consents={"analytics": False})
    house.send("Job Saved", {"job_id": job}, anonymousId=visitor)
    until(lambda: house.profile("anonymous_id", visitor).get("saved"))
    house.send("Job Saved", {"job_id": job}, anonymousId=other)

    until(lambda: saves() > before + 0.9)
    assert saves() < before + 1.1
