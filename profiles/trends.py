"""What is looked at of late: how much an event counts for a posting, and hours of such weights decayed."""

from collections import defaultdict
from collections.abc import Mapping

from schemas.events import ApplicationMoved, Event, JobMarked, JobRead, JobViewed

HOUR_MS = 3_600_000
_MARKS = {"saved": 2.0, "liked": 1.0, "shared": 2.0}
_STAGES = {"started": 2.0, "submitted": 4.0}


def trend_of(event: Event) -> tuple[str, float] | None:
    """Answer the posting that an event makes hotter and by how much, or None."""
    match event:
        case JobViewed(job_id=job) | JobRead(job_id=job):
            return job, 1.0
        case JobMarked(job_id=job, mark=mark) if mark in _MARKS:
            return job, _MARKS[mark]
        case ApplicationMoved(job_id=job, stage=stage) if stage in _STAGES:
            return job, _STAGES[stage]
        case _:
            return None


def share_of(hour: int, now: int, half_life_hours: float) -> float:
    """Answer how much an hour still counts; `now` in milliseconds."""
    return float(0.5 ** (max(0, now // HOUR_MS - hour) / half_life_hours))


def decayed(by_hour: Mapping[int, Mapping[str, float]], now: int, half_life_hours: float) -> dict[str, float]:
    """Answer each job's weight: the hours' weights, halved every `half_life_hours`; `now` in milliseconds."""
    total: defaultdict[str, float] = defaultdict(float)
    for hour in sorted(by_hour):
        share = share_of(hour, now, half_life_hours)
        for job, weight in by_hour[hour].items():
            total[job] += weight * share
    return dict(total)
