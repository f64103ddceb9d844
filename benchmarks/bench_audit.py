"""A bias audit of a million served lists of ten, of 200,000 people in four groups, with both pages; `python -m benchmarks.bench_audit`.

The lists lie in Parquet as `careerstream export` writes them; a hundredth of the lists led to an application. Processor time of one
process.
"""

import tempfile
import time
from pathlib import Path
from random import Random

import orjson

from benchmarks.figures import Chapter, table, told, within
from careerstream.bias_command import Asked, run_audit, write_pages
from learning.bias_page import About
from learning.log import LogRecord, write_records
from schemas.job_json import job_to_json
from schemas.jobs import Job, Salary
from schemas.messages import Message, encode_message

LISTS, PEOPLE, POSTINGS, FILE = 1_000_000, 200_000, 5_000, 50_000
APPLIED = 100
"""One in so many lists leads to an application that the employer answers."""
LIMIT_S = 60.0
START = 1_763_900_000_000


def measure(_ground: object = None) -> Chapter:
    """Answer how long the audit takes."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        _write(folder)
        clock, started = time.monotonic(), time.process_time()
        audit = run_audit(Asked(folder, folder / "labels.csv", least_told=10))
        write_pages(audit, About("2026-11-26", "2026-03-01", "Bench"), folder)
        seconds, waited = time.process_time() - started, time.monotonic() - clock
    return Chapter(
        "Bias audit",
        (
            within(f"{audit.lists:,} lists audited and both pages written", seconds, "s", limit=LIMIT_S),
            told("the same by the clock on the wall", waited, "s"),
        ),
        __doc__ or "",
    )


def _write(folder: Path) -> None:
    chance = Random(1)
    labels = [f"u:{number},{chance.choice('fm')},{chance.choice('aab')}" for number in range(PEOPLE)]
    (folder / "labels.csv").write_text("\n".join(["candidate,sex,origin", *labels]))
    write_records(map(_posting, range(POSTINGS)), folder / "jobs-00000.parquet")
    for number in range(LISTS // FILE):
        lists = [_list(chance, number * FILE + each) for each in range(FILE)]
        write_records(lists, folder / f"decisions-{number:05d}.parquet")
    moved = [record for each in range(LISTS // APPLIED) for record in _application(chance, each)]
    write_records(moved, folder / "applications-00000.parquet")


def _posting(number: int) -> LogRecord:
    pay = 20_000.0 + 20 * number
    job = Job(
        id=f"job-{number:06d}", title="Nurse", employer="E", skills=("care",), salary=Salary(pay, pay, "EUR", "YEAR")
    )
    return LogRecord(job.id.encode(), job_to_json(job), START)


def _list(chance: Random, number: int) -> LogRecord:
    person = f"u:{chance.randrange(PEOPLE)}"
    items = [
        {"id": f"job-{chance.randrange(POSTINGS):06d}", "score": round(chance.random(), 4), "propensity": 1.0, "source": "interest"}
        for _ in range(10)
    ]  # fmt: skip
    choice = {"id": f"{number:024x}", "selector": "jobs", "kind": "RECS", "source": "model", "items": items}
    body = {
        "id": f"{number:022x}", "request": f"{number:032x}", "kind": "served", "base": f"{number:024x}", "candidate": person,
        "at": START + number, "source": "site", "rung": "live", "degraded": False, "version": {f"clicks/{person}": number},
        "segments": ["nurses"], "model": "prior-2", "policy": "1", "catalogue": 7, "choices": [choice],
    }  # fmt: skip
    return LogRecord(person.encode(), orjson.dumps(body), START + number)


def _application(chance: Random, number: int) -> list[LogRecord]:
    person, job = f"u:{chance.randrange(PEOPLE)}", f"job-{chance.randrange(POSTINGS):06d}"
    steps: tuple[tuple[str, dict[str, str]], ...] = (
        ("Application Submitted", {}),
        ("Application Status Changed", {"stage": "interview_scheduled"}),
    )
    return [
        LogRecord(person.encode(), encode_message(_message(f"{number}-{event}", event, person, {"job_id": job, **more})), START)
        for event, more in steps
    ]  # fmt: skip


def _message(name: str, event: str, person: str, properties: dict[str, str]) -> Message:
    return Message(
        message_id=name,
        type="track",
        event=event,
        event_time=START + LISTS,
        received_at=START + LISTS,
        user_id=person.removeprefix("u:"),
        verified=True,
        properties=properties,
    )


if __name__ == "__main__":
    print(table(measure().figures))
