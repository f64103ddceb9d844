"""A colleague's word over the engine, by the command line, in the running house: it holds everywhere."""

import re

import pytest

from tests.e2e.running import command, until

pytestmark = pytest.mark.servers


def run(environment, *arguments):
    done = command(*arguments, environment=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_what_is_blocked_is_gone_from_every_answer_until_the_block_ends(house, real_environment, visitor):
    job = house.jobs(anonymousId=visitor)[0]["id"]

    def is_shown():
        # Asked for by its id: what else there is to show does not matter.
        answer = house.decide({"name": "jobs", "candidates": [job]}, user={"anonymousId": visitor})
        return [item["id"] for item in answer["choices"][0]["items"]] == [job]

    assert is_shown()
    name = run(real_environment, "override", "add", "block", job, "--anonymous", visitor, "--why", "position filled")
    until(lambda: not is_shown())

    listed = run(real_environment, "override", "list")
    assert re.search(rf"{name} +block +{job} .*position filled", listed)
    assert visitor not in listed

    run(real_environment, "override", "remove", name)
    until(is_shown)


def test_workers_decide_under_a_pin_and_the_answer_says_so(house, real_environment, visitor):
    viewed, *_, last = (job["id"] for job in house.jobs(anonymousId=visitor))
    arguments = ("--selector", "jobs", "--anonymous", visitor, "--why", "ward opens")
    name = run(real_environment, "override", "add", "pin", last, *arguments)
    after = house.send("Job Viewed", {"job_id": viewed}, anonymousId=visitor)["after"]

    def decided():
        job = house.jobs(after=after, anonymousId=visitor)[0]
        return (job["id"], job["source"]) == (last, "override")

    until(decided)
    run(real_environment, "override", "remove", name)


def test_a_pause_holds_until_it_is_ended(house, real_environment, visitor):
    def source():
        return house.decide("jobs", user={"anonymousId": visitor})["warnings"]

    run(real_environment, "models", "pause", "--why", "odd lists")
    until(lambda: "model_paused" in [warning["code"] for warning in source()])
    assert "odd lists" in run(real_environment, "override", "list")
    run(real_environment, "models", "resume", "--why", "mended")
    until(lambda: "model_paused" not in [warning["code"] for warning in source()])


def test_the_log_of_what_was_decided_is_whole(house, real_environment, visitor):
    house.jobs(anonymousId=visitor)

    # What was served is written behind the answer.
    told = until(lambda: not (said := run(real_environment, "audit", "verify")).startswith("0 ") and said)
    assert re.search(r"[\d,]+ records in [1-9]\d* chains, 0 breaks; 0 older", told)


def test_what_was_logged_scores_again_as_it_was_logged(house, real_environment, visitor):
    house.send("Job Viewed", {"job_id": house.jobs(anonymousId=visitor)[0]["id"]}, anonymousId=visitor)

    def told():
        return re.search(
            r"([\d,]+) decisions score as logged, (\d+) differ", run(real_environment, "audit", "recompute")
        )

    decided = until(lambda: (found := told()) and found[1] != "0" and found)
    assert decided[2] == "0"
