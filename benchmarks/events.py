"""A seeded log of what visitors of a careers site do: same seed, same bytes.

Visitors come with a taste (most of what they open lies in two categories), look at lists, read, save, dismiss and
apply, many at the same time; some sign in, and for those the ATS tells later how an application went. Also of use for
fault tests.
"""

import random
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, Literal

from schemas.collecting import Accepted, Call, normalise
from schemas.consent import PERSONALIZATION
from schemas.jobs import Job

QUERIES = (
    "nurse",
    "icu nurse",
    "project manager",
    "data analyst",
    "java",
    "night shift",
    "warehouse",
    "part time",
    "civil engineer",
    "social worker",
)
CITIES = (
    ("Brooklyn", "NY", 40.68, -73.94),
    ("Queens", "NY", 40.73, -73.79),
    ("Newark", "NJ", 40.74, -74.17),
    ("Yonkers", "NY", 40.93, -73.9),
)
AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
)
OUTCOMES = (
    "screened",
    "assessed",
    "interview_scheduled",
    "interview_held",
    "offer_made",
    "rejected",
    "rejected",
    "rejected",
)
LIST_LENGTH = 10
KNOWN_SHARE = 0.3
"""Of the visitors, those with an account."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One call as an SDK sends it; `verified` when a server with a secret key sends it."""

    call: Mapping[str, Any]
    at: int
    verified: bool = False


@dataclass(frozen=True, slots=True)
class _Planned:
    """A call without ids and time. The site's server vouches for a sign-in, the ATS knows user ids alone."""

    call: Mapping[str, Any]
    sender: Literal["browser", "site", "ats"] = "browser"


@dataclass(slots=True)
class _Visitor:
    number: int
    anonymous_id: str
    user_id: str | None
    taste: Sequence[str]
    context: Mapping[str, Any]
    plan: deque[_Planned]
    visits: int = 0
    signed_in: bool = False


class Visitors:
    """The people whose log is written; `since` to `until` are milliseconds since the epoch."""

    def __init__(self, people: int, postings: Iterable[Job], *, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._seed = seed
        jobs = list(postings)
        self._ids = [job.id for job in jobs]
        self._tastes = _by_category(jobs)
        self._visitors = [self._visitor(number) for number in range(people)]
        # A few come all the time, most now and then.
        self._weights = list(accumulate(1 / (1 + number) ** 0.5 for number in range(people)))
        self._written = 0

    def ids(self) -> list[str]:
        """Answer each visitor's anonymous id."""
        return [visitor.anonymous_id for visitor in self._visitors]

    def happenings(self, count: int, *, since: int, until: int) -> Iterator[Happening]:
        """Answer the next `count` calls, evenly over the time."""
        for index in range(count):
            at = since + (until - since) * index // count
            visitor = self._chance.choices(self._visitors, cum_weights=self._weights)[0]
            if not visitor.plan:
                visitor.plan.extend(_Visit(visitor, self._chance, self._ids).calls())
                visitor.visits += 1
            yield self._stamped(visitor, visitor.plan.popleft(), at)

    def _stamped(self, visitor: _Visitor, planned: _Planned, at: int) -> Happening:
        self._written += 1
        by_browser = planned.sender == "browser"
        visitor.signed_in |= planned.call["type"] == "identify"
        ids = {} if planned.sender == "ats" else {"anonymousId": visitor.anonymous_id}
        if not by_browser or visitor.signed_in:
            ids["userId"] = str(visitor.user_id)
        context = {"context": visitor.context} if by_browser else {}
        stamp = {"messageId": f"m-{self._seed}-{self._written}", "timestamp": _iso(at)}
        return Happening({**planned.call, **ids, **context, **stamp}, at, verified=not by_browser)

    def _visitor(self, number: int) -> _Visitor:
        chance = self._chance
        favourites = chance.sample(sorted(self._tastes), min(2, len(self._tastes)))
        liked = [job for category in favourites for job in self._tastes[category]]
        city, region, latitude, longitude = chance.choice(CITIES)
        return _Visitor(
            number=number,
            anonymous_id=f"{chance.getrandbits(128):032x}",
            user_id=f"user-{self._seed}-{number}" if chance.random() < KNOWN_SHARE else None,
            taste=liked,
            context={
                "library": {"name": "analytics.js", "version": "npm:next-1.84.3"},
                "userAgent": chance.choice(AGENTS),
                "locale": "en-US",
                "timezone": "America/New_York",
                "sessionId": f"s-{chance.getrandbits(40):010x}",
                "location": {
                    "city": city,
                    "region": region,
                    "country": "US",
                    "latitude": latitude,
                    "longitude": longitude,
                },
                "campaign": {"source": "google", "medium": "cpc", "name": "autumn"} if chance.random() < 0.3 else {},
                "page": {
                    "path": "/jobs",
                    "referrer": "https://www.google.com/",
                    "title": "Jobs",
                    "url": "https://careers.example/jobs",
                },
                "consent": {"categoryPreferences": {"analytics": True, "personalization": True, "advertising": False}},
            },
            plan=deque(),
        )


class _Visit:
    """What one visitor does from the first page to the last."""

    def __init__(self, visitor: _Visitor, chance: random.Random, ids: Sequence[str]) -> None:
        self._visitor = visitor
        self._chance = chance
        self._ids = ids

    def calls(self) -> Iterator[_Planned]:
        chance = self._chance
        yield _Planned({"type": "page", "name": "Jobs", "properties": {"path": "/jobs", "title": "Jobs"}})
        yield from self._account()
        for _ in range(chance.randint(1, 3)):
            if chance.random() < 0.5:
                yield _track("Job Searched", query=chance.choice(QUERIES), filters={"employmentType": "FULL_TIME"})
            listed = [self._job() for _ in range(LIST_LENGTH)]
            decision = f"{chance.randrange(4):03x}-{chance.getrandbits(48):012x}-{chance.getrandbits(48):012x}"
            yield _track("Job List Viewed", job_ids=listed, decision_id=decision)
            for position in sorted(chance.sample(range(LIST_LENGTH), chance.randint(1, 4))):
                yield from self._opened(listed[position], position, decision)
        if chance.random() < 0.2:
            yield _track("Content Clicked", content_id=f"content-{chance.randrange(40)}")

    def _account(self) -> Iterator[_Planned]:
        visitor, chance = self._visitor, self._chance
        if visitor.user_id and visitor.visits % 10 == 1:
            traits = {"firstName": "A", "occupation": "Nurse", "experienceYears": chance.randint(0, 30)}
            yield _Planned({"type": "identify", "traits": traits}, chance.choice(("browser", "site")))
        if chance.random() < 0.05:
            yield _track("Preference Set", key="employment_types", value=[chance.choice(("FULL_TIME", "PART_TIME"))])

    def _opened(self, job: str, position: int, decision: str) -> Iterator[_Planned]:
        chance = self._chance
        yield _track("Job Viewed", job_id=job, position=position, decision_id=decision)
        if chance.random() < 0.7:
            yield _track("Job Read", job_id=job, seconds=round(chance.lognormvariate(3, 1), 1))
        drawn = chance.random()
        if drawn < 0.12:
            yield _track("Job Saved", job_id=job)
        elif drawn < 0.24:
            yield _track("Job Dismissed", job_id=job, reason=chance.choice(("too_far", "not_my_field", "pay")))
        elif drawn < 0.28:
            yield _track("Job Liked", job_id=job)
        elif drawn < 0.36:
            yield from self._applied(job)

    def _applied(self, job: str) -> Iterator[_Planned]:
        application = f"app-{self._chance.getrandbits(40):010x}"
        yield _track("Application Started", job_id=job, application_id=application)
        if self._chance.random() < 0.6:
            yield _track("Application Submitted", job_id=job, application_id=application)
            if self._visitor.user_id:
                stage = self._chance.choice(OUTCOMES)
                moved = _track("Application Status Changed", job_id=job, application_id=application, stage=stage)
                yield _Planned(moved.call, "ats")

    def _job(self) -> str:
        return self._chance.choice(self._visitor.taste if self._chance.random() < 0.75 else self._ids)


def accepted(happening: Happening, *, source: str = "bench") -> Accepted:
    """Answer what the collector makes of a call: the message and its topic."""
    call = Call(
        id=str(happening.call["messageId"]),
        source=source,
        received_at=happening.at,
        verified=happening.verified,
        default=(PERSONALIZATION,),
    )
    message = normalise(happening.call, call)
    if not isinstance(message, Accepted):
        raise ValueError(f"the generator wrote {happening.call}, and the collector says {message}")  # noqa: TRY004  # no wrong type
    return message


def _track(event: str, **properties: object) -> _Planned:
    return _Planned({"type": "track", "event": event, "properties": properties})


def _by_category(jobs: Sequence[Job]) -> Mapping[str, Sequence[str]]:
    tastes: dict[str, list[str]] = {}
    for job in jobs:
        tastes.setdefault(job.categories[0] if job.categories else "", []).append(job.id)
    return tastes


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
