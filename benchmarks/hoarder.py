"""The worst candidate: somebody who writes into every corner of a profile, in the longest words that the door takes."""

import random
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from benchmarks.events import Happening
from schemas.consent import PERSONALIZATION
from schemas.events import STAGES
from schemas.ids import ID_LIMIT, PERSON_ID_LIMIT

_chance = random.Random(7)


def _long(start: str, length: int) -> str:
    """Answer an id of that length that no compression makes shorter."""
    return start + "".join(_chance.choices(string.ascii_letters + string.digits, k=length - len(start)))


USER_ID = _long("hoarder-", PERSON_ID_LIMIT)
BROWSERS = tuple(_long(f"browser-{number}-", PERSON_ID_LIMIT) for number in range(20))
ROUNDS = 150
"""How often each kind of event comes, each time about other things: more than any bound keeps."""
STEP = 8 * 3_600_000
"""Milliseconds between two rounds: together longer than any count of days reaches."""
WIDE = "\N{PILE OF POO}"
"""Four bytes of UTF-8 in one character: limits that count characters let four times the bytes in."""


def hoarding(until: int) -> Iterator[Happening]:
    """Answer the calls of the worst candidate, the last of them at `until`, from twenty browsers."""
    numbers = count()
    for round_ in range(ROUNDS):
        at = until - (ROUNDS - 1 - round_) * STEP
        for call in _calls(round_):
            number = next(numbers)
            stamp = {
                "userId": USER_ID,
                "anonymousId": BROWSERS[number % len(BROWSERS)],
                "messageId": f"hoarder-{number}".ljust(100, "m"),
                "timestamp": datetime.fromtimestamp(at / 1000, UTC).isoformat(),
                "context": _context(round_),
            }
            yield Happening({**stamp, **call}, at, verified=True)


def _calls(number: int) -> Iterator[dict[str, object]]:
    job, content = _long(f"job-{number}-", ID_LIMIT), _long(f"content-{number}-", ID_LIMIT)
    yield _track("Job List Viewed", job_ids=[_long(f"job-{number}-{index}-", ID_LIMIT) for index in range(20)])
    for event in ("Job Viewed", "Job Saved", "Job Liked", "Job Dismissed", "Job Shared"):
        yield _track(event, job_id=job, decision_id=WIDE * 200, reason=WIDE * 500, position=number)
    yield _track("Job Read", job_id=job, seconds=86_400)
    for event in ("Content Shown", "Content Clicked", "Message Sent"):
        yield _track(event, content_id=content)
    application = _long(f"application-{number}-", ID_LIMIT)
    yield _track(
        "Application Status Changed", job_id=job, stage=STAGES[number % len(STAGES)], application_id=application
    )
    yield _track("Survey Answered", survey_id=content, score=number)
    yield _track(
        "Preference Set", key=f"{number}-".ljust(60, WIDE), value=[f"{WIDE * 200}{index}" for index in range(15)]
    )
    yield _track("Job Searched", query=WIDE * 500, filters={f"{index}{WIDE * 99}": WIDE * 99 for index in range(12)})
    yield _track(f"{number} {WIDE * 180}", anything=WIDE)
    yield {"type": "page", "name": WIDE * 200, "properties": {"path": WIDE * 500}}
    yield {"type": "identify", "traits": {f"trait-{number}-{index}{WIDE * 100}": WIDE * 1000 for index in range(3)}}
    purposes = {PERSONALIZATION: True} | {f"{number}-{index}".ljust(60, WIDE): True for index in range(40)}
    consent = {"consent": {"categoryPreferences": purposes}}
    yield {"type": "track", "event": "Segment Consent Preference Updated", "properties": {}, "context": consent}


def _context(number: int) -> dict[str, object]:
    return {
        "sessionId": f"{number}{WIDE * 250}",
        "locale": WIDE * 250,
        "timezone": WIDE * 250,
        "weather": WIDE * 250,
        "campaign": {f"{index}{WIDE * 20}": WIDE * 200 for index in range(5)},
        "location": {
            "city": WIDE * 250,
            "region": WIDE * 250,
            "country": WIDE * 250,
            "latitude": 1.0,
            "longitude": 2.0,
        },
        "page": {"referrer": WIDE * 500},
        "device": {"type": WIDE * 250},
    }


def _track(event: str, **properties: object) -> dict[str, object]:
    return {"type": "track", "event": event, "properties": properties}
