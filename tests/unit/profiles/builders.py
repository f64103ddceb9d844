"""Events and sections, told by what matters to a test."""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from profiles.candidate import Candidate, Stored, merge
from profiles.fold import fold
from profiles.sections import EMPTY
from schemas.events import (
    ApplicationMoved,
    ContentTouched,
    Event,
    JobMarked,
    JobRead,
    JobSearched,
    JobsShown,
    JobViewed,
    Moment,
    PageViewed,
    PreferenceSet,
    TraitsGiven,
    topic_of,
)
from schemas.topics import Topic

NOW = 1_763_900_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
_names = iter(range(10**9))


def _when(at: int) -> dict[str, Any]:
    return {"at": at, "id": f"m-{next(_names)}"}


def a_view(job: str = "j-1", at: int = NOW, *, counted: bool = True) -> Event:
    return JobViewed(**_when(at), job_id=job, counted=counted)


def a_reading(job: str = "j-1", at: int = NOW, *, dwell_ms: int = 1_000, counted: bool = True) -> Event:
    return JobRead(**_when(at), job_id=job, dwell_ms=dwell_ms, counted=counted)


def a_mark(mark: Any, job: str = "j-1", at: int = NOW, *, reason: str | None = None) -> Event:
    return JobMarked(**_when(at), job_id=job, mark=mark, reason=reason)


def a_list(*jobs: str, at: int = NOW) -> Event:
    return JobsShown(**_when(at), job_ids=jobs)


def a_touch(action: Any, content: str = "c-1", at: int = NOW) -> Event:
    return ContentTouched(**_when(at), content_id=content, action=action)


def a_page(at: int = NOW, *, name: str | None = None, **moment: Any) -> Event:
    return PageViewed(**_when(at), moment=Moment(**moment), name=name)


def a_search(query: str, filters: Mapping[str, str] | None = None) -> Event:
    return JobSearched(**_when(NOW), moment=Moment(), query=query, filters=filters or {})


def a_move(stage: Any, job: str = "j-1", at: int = NOW, *, application: str | None = None) -> Event:
    return ApplicationMoved(**_when(at), job_id=job, stage=stage, application_id=application)


def traits(at: int = NOW, **given: Any) -> Event:
    return TraitsGiven(**_when(at), traits=given)


def a_preference(key: str, value: Any, at: int = NOW) -> Event:
    return PreferenceSet(**_when(at), key=key, value=value)


def folded(topic: Topic, events: Iterable[Event]) -> Any:
    """Answer the section of a topic after these events."""
    return reduce(fold, events, EMPTY[topic])


def sections_of(candidate: str, *events: Event) -> dict[tuple[Topic, str], Stored]:
    """Answer what the store holds of one candidate id after these events; offsets count from 0."""
    stored: dict[tuple[Topic, str], Stored] = {}
    for offset, event in enumerate(events):
        key = topic_of(event), candidate
        before = stored[key].section if key in stored else EMPTY[key[0]]
        stored[key] = Stored(fold(before, event), offset)
    return stored


def a_candidate(*events: Event, id: str = "u:ann") -> Candidate:  # noqa: A002  # reads as the field it fills
    return merge(id, sections_of(id, *events))
