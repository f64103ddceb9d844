"""Postings come, change and go."""

import gzip
import secrets

import orjson

from tests.e2e.running import command, until


def posting(**changes):
    return {
        "id": f"e2e-{secrets.token_hex(4)}",
        "title": "Lighthouse Keeper",
        "employer": "Harbour Office",
        "description": "<p>Keep the light.</p>",
        "employment_types": ["FULL_TIME"],
        "salary": {"minimum": 50_000, "maximum": 60_000, "currency": "USD", "unit": "YEAR"},
        "status": "OPEN",
        **changes,
    }


def write(tmp_path, *lines):
    file = tmp_path / "jobs.jsonl.gz"
    file.write_bytes(
        gzip.compress(b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in lines))
    )
    return file


def status(house, job):
    return house.http.get(f"/v1/jobs/{job}", auth=(house.publishable, "")).status_code


def test_a_loaded_posting_is_served_and_what_is_wrong_is_named(house, real_environment, tmp_path):
    sound, broken = posting(), posting(salary={"minimum": 1, "maximum": 2, "currency": "USD", "unit": "MOON"})

    loaded = command("load", str(write(tmp_path, broken, b"{", sound)), environment=real_environment)

    assert loaded.returncode == 1
    assert "jobs.jsonl.gz:1: " in loaded.stderr
    assert "salary.unit" in loaded.stderr
    assert "jobs.jsonl.gz:2:" in loaded.stderr
    assert "1 postings" in loaded.stderr
    until(lambda: status(house, sound["id"]) == 200)


def test_a_removed_posting_is_gone_from_lists_and_decisions(house, real_environment, tmp_path, visitor):
    job = posting()
    assert command("load", str(write(tmp_path, job)), environment=real_environment).returncode == 0
    asked = {"name": "jobs", "candidates": [job["id"]]}
    until(lambda: house.decide(asked, user={"anonymousId": visitor})["choices"][0].get("items"))

    assert command("remove", job["id"], environment=real_environment).returncode == 0

    until(lambda: status(house, job["id"]) == 404)
    assert house.decide(asked, user={"anonymousId": visitor})["choices"][0].get("items", []) == []


def test_a_closed_posting_leaves_decisions(house, real_environment, tmp_path, visitor):
    job = posting()
    assert command("load", str(write(tmp_path, job)), environment=real_environment).returncode == 0
    until(lambda: status(house, job["id"]) == 200)
    asked = {"name": "jobs", "candidates": [job["id"]]}
    user = {"anonymousId": visitor}
    until(lambda: [i["id"] for i in house.decide(asked, user=user)["choices"][0].get("items", [])] == [job["id"]])

    assert (
        command("load", str(write(tmp_path, {**job, "status": "CLOSED"})), environment=real_environment).returncode == 0
    )

    until(lambda: house.decide(asked, user=user)["choices"][0].get("items", []) == [])


def search(house, query):
    asked = {"query": query, "order": "best"}
    return house.http.get("/v1/jobs", params=asked, auth=(house.publishable, "")).json()


def test_texts_are_searched_soon_after_the_start_and_a_new_one_at_once(house, real_environment, tmp_path):
    until(lambda: search(house, "lighthouse")["unindexed"] == 0)
    job = posting(description="<p>Polish the fresnellens.</p>")
    assert command("load", str(write(tmp_path, job)), environment=real_environment).returncode == 0
    until(lambda: status(house, job["id"]) == 200)

    assert [each["id"] for each in search(house, "fresnellens")["jobs"]] == [job["id"]]
