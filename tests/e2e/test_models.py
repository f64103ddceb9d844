"""From a log to a model that decides: trained, promoted, swapped under load, survived when damaged, rolled back."""

import asyncio
import re
import threading
import time
from datetime import UTC, datetime

import httpx
import orjson
import pytest

from careerstream.models.topic import read_registry, write_registry
from schemas.logged import decode_logged
from schemas.served import decode_served
from schemas.topics import Topic, TopicNames
from schemas.trained import PRIOR, STANDING, Promotion, encode_standing
from tests.e2e import running
from tests.e2e.conftest import PUBLISHABLE, SECRET
from tests.e2e.running import command, until
from tests.learning.site import Site
from tests.streaming import Line, read_all, write

WINDOWS = ("--response", "1h", "--interview", "2h")


@pytest.fixture(scope="module")
def environment(real_environment, redis_server):
    """A house of its own: what it learned decides for nobody else's visitors."""
    name = real_environment["CAREERSTREAM_KAFKA__PREFIX"] + "-m"
    return {
        **real_environment,
        "CAREERSTREAM_KAFKA__PREFIX": name,
        "CAREERSTREAM_REDIS__NAMESPACE": name,
        "CAREERSTREAM_WORKER__GROUP": name,
    }


@pytest.fixture(scope="module")
def learned(environment, tmp_path_factory):
    """The house, and the model that was trained from the log of a site's visitors."""
    up = running.start(
        tmp_path_factory.mktemp("models") / "log",
        environment=environment,
        publishable=PUBLISHABLE,
        secret=SECRET,
    )
    tell(environment, Site(people=120).run(8))
    reports = tmp_path_factory.mktemp("reports")
    done = command("train", "--without-groups", "--reports", str(reports), *WINDOWS, environment=environment)
    assert done.returncode == 0, done.stderr
    found = re.search(r"model-[0-9a-f-]+", done.stderr)
    assert found, done.stderr
    yield up, found.group(), reports
    up.stop()


def tell(environment, site):
    """Put a site's log on the house's topics."""
    names = TopicNames(environment["CAREERSTREAM_KAFKA__PREFIX"])
    lines = [Line(topic, record.key, record.value) for topic, records in site.log.topics.items() for record in records]
    asyncio.run(write(environment["CAREERSTREAM_KAFKA__BOOTSTRAP"], names, lines))


def model_of(house, visitor):
    answer = house.ask("jobs", user={"anonymousId": visitor})
    return answer["choices"][0]["model"]


class Knocking:
    """Asks for decisions all the time, and keeps every status and model."""

    def __init__(self, house, visitor):
        self._house, self._visitor = house, visitor
        self.statuses, self.models, self._done = [], [], threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _ask(self):
        body = orjson.dumps({"selectors": ["jobs"], "user": {"anonymousId": self._visitor}})
        with httpx.Client(base_url=self._house.address, timeout=30) as http:
            while not self._done.is_set():
                answer = http.post("/v1/decide", content=body, auth=(PUBLISHABLE, ""))
                self.statuses.append(answer.status_code)
                self.models.append(answer.json()["choices"][0]["model"] if answer.status_code == 200 else None)


def test_an_exported_log_judges_and_promotes_as_the_topics_do(learned, environment, tmp_path):
    _, model, _ = learned
    log = tmp_path / "log"
    how = ("--log", str(log), "--without-groups", "--reports", str(tmp_path / "reports"), *WINDOWS)

    exported = command("export", str(log), environment=environment)
    judged = command("evaluate", model, *how, environment=environment)
    promoted = command("promote", model, *how, "--despite", "a test", environment=environment)
    standing = command("models", environment=environment).stdout
    command("rollback", "--to", PRIOR, environment=environment)

    assert exported.returncode == 0, exported.stderr
    assert {file.name.partition("-")[0] for file in log.glob("*.parquet")} >= {"clicks", "decisions", "jobs"}
    assert f"{model}: nDCG@10 differs from {PRIOR} by" in judged.stderr
    assert (tmp_path / "reports" / model / "report.md").is_file()
    assert f"{model} decides" in promoted.stderr
    assert re.search(rf"{model} +decides", standing)


@pytest.mark.timeout(1200)
def test_a_model_is_trained_promoted_swapped_without_a_failed_request_and_rolled_back(learned, environment, visitor):
    house, model, reports = learned
    sent = house.send("Job Viewed", {"job_id": "j-1"}, anonymousId=visitor)
    house.jobs(anonymousId=visitor, after=sent["after"])
    assert model_of(house, visitor) == PRIOR
    assert (reports / model / "report.md").is_file()

    refused = command("promote", model, "--reports", str(reports), *WINDOWS, environment=environment)
    assert refused.returncode == 1
    assert "groups were not compared" in refused.stderr
    with Knocking(house, visitor) as knocking:
        done = command("promote", model, "--despite", "a test", *WINDOWS, environment=environment)
        assert done.returncode == 0, done.stderr
        until(lambda: knocking.models[-1:] == [model])
        time.sleep(1)
    assert set(knocking.statuses) == {200}
    assert set(knocking.models) == {PRIOR, model}
    # The worker decides by it, too.
    sent = house.send("Job Viewed", {"job_id": "j-2"}, anonymousId=visitor)
    answer = house.decide("jobs", user={"anonymousId": visitor}, after=sent["after"])
    assert answer["choices"][0]["model"] == model
    assert all(item["reasons"] for item in answer["choices"][0]["items"][:5])

    with Knocking(house, visitor) as knocking:
        promote_what_is_broken(environment)
        until(lambda: "model_fallback" in warnings_of(house, visitor))
        until(lambda: knocking.models[-1:] == [model])
    assert set(knocking.statuses) == {200}
    assert set(knocking.models) == {model}

    assert f"{model} decides" in command("rollback", "--why", "broken", environment=environment).stderr
    until(lambda: not warnings_of(house, visitor))
    calm = command("watch", "--once", "--least-confidence", "0", environment=environment)
    assert f"{model}: confidence" in calm.stderr
    tell(environment, Site(people=120, seed=2, responds=False).run(8))
    alarmed = command("watch", "--once", "--least-confidence", "0.95", environment=environment)
    assert f"{PRIOR} decides from now on" in alarmed.stderr
    until(lambda: model_of(house, visitor) == PRIOR)
    assert re.search(rf"{PRIOR} +decides", command("models", environment=environment).stdout)


@pytest.mark.timeout(600)
def test_what_a_trained_model_decided_scores_again_from_the_log_and_who_refused_it_was_scored_by_none(
    learned, environment, visitor
):
    house, model, _ = learned
    done = command("promote", model, "--despite", "a test", *WINDOWS, environment=environment)
    assert done.returncode == 0, done.stderr
    until(lambda: model_of(house, visitor) == model)
    began = datetime.now(UTC)
    people, refusing = [f"{visitor}-{number}" for number in range(8)], f"{visitor}-refusing"
    house.send(None, path="/v1/consents", key=house.secret, anonymousId=refusing, consents={"ai_scoring": False})
    for who in (*people, refusing):
        sent = house.send("Job Viewed", {"job_id": "j-1"}, anonymousId=who)
        house.decide("jobs", user={"anonymousId": who}, after=sent["after"])

    def made():
        found = logged(environment, {f"a:{who}" for who in (*people, refusing)})
        return len(found) == len(people) + 1 and found

    models = {who.removeprefix(f"a:{visitor}-"): names for who, names in until(made).items()}
    done = command("audit", "recompute", "--from", began.isoformat(), environment=environment)

    assert models.pop("refusing") == {PRIOR}
    assert set().union(*models.values()) == {model}
    assert done.returncode == 0, done.stdout
    found = re.search(
        r"([\d,]+) decisions score as logged, 0 differ, 0 cannot .*; ([\d,]+) answers follow", done.stdout
    )
    assert found, done.stdout
    assert int(found[1]) > len(people) < int(found[2])


def logged(environment, people):
    """Answer by which models each of these people was decided for, of whom an answer is logged as well."""
    names = TopicNames(environment["CAREERSTREAM_KAFKA__PREFIX"])
    topic = names.full(Topic.DECISIONS)
    records = asyncio.run(read_all(environment["CAREERSTREAM_KAFKA__BOOTSTRAP"], topic))
    models: dict[str, set[str]] = {}
    served = set()
    for record in records:
        decided, answer = decode_logged(record.value), decode_served(record.value)
        if answer is not None and answer.candidate_id in people:
            served.add(answer.candidate_id)
        # Of whom nothing but an answer about consent is held, nothing is decided.
        if decided is not None and decided.decision.model and decided.decision.candidate_id in people:
            models.setdefault(decided.decision.candidate_id, set()).add(decided.decision.model)
    return {who: found for who, found in models.items() if who in served}


def test_a_bias_audit_reads_the_topics_as_they_are_and_writes_the_page(learned, environment, tmp_path):
    people = Site(people=120).people
    labels, pages = tmp_path / "labels.csv", tmp_path / "pages"
    lines = [f"{person.id},{'f' if number % 2 else 'm'}" for number, person in enumerate(people)]
    labels.write_text("\n".join(["candidate,sex", *lines]))
    about = ("--distributed", "2026-03-01", "--auditor", "Ann Other")

    done = command(
        "audit", "bias", "--groups", str(labels), "--pages", str(pages), *about, environment=environment, timeout=120
    )

    assert done.returncode in {0, 1}, done.stderr
    assert re.search(r"score above the median +sex f: 60 people, rate 0\.\d+, ratio ", done.stdout), done.stdout
    assert "People assessed" in (pages / "bias-audit.html").read_text()


def warnings_of(house, visitor):
    return [warning["code"] for warning in house.ask("jobs", user={"anonymousId": visitor})["warnings"]]


def promote_what_is_broken(environment):
    """Let a record that is no model decide, as no command of ours would."""
    kafka = {"bootstrap_servers": environment["CAREERSTREAM_KAFKA__BOOTSTRAP"]}
    names = TopicNames(environment["CAREERSTREAM_KAFKA__PREFIX"])
    standing = asyncio.run(read_registry(kafka, names)).standing.promoted(Promotion("broken", 1, "test", "test"))
    records = [("broken", b"no model"), (STANDING, encode_standing(standing))]
    asyncio.run(write_registry(kafka, names, records))
