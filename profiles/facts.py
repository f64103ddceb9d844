"""What is known of a candidate, one small record each. Times are milliseconds since the epoch."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from schemas.events import ContentAction, Stage

InteractionKind = (
    Literal["viewed", "read", "shared", "saved", "unsaved", "liked", "unliked", "dismissed", "restored"] | Stage
)


class Interaction(NamedTuple):
    """One thing that the candidate did with a posting; `dwell_ms` is how long it was read, for `read` alone."""

    at: int
    kind: InteractionKind
    job_id: str
    dwell_ms: int = 0


class Dismissal(NamedTuple):
    at: int
    reason: str | None


class Application(NamedTuple):
    """Where an application stands: its newest stage, since when, and the applicant system's id when it told one."""

    stage: Stage
    at: int
    application_id: str | None


class Search(NamedTuple):
    at: int
    query: str
    filters: Mapping[str, str]


class ContentTouch(NamedTuple):
    """The newest thing done with an item besides showing it (None: only shown), when, and how often it was shown."""

    action: ContentAction | None
    at: int
    shown: int


class SurveyAnswer(NamedTuple):
    at: int
    survey_id: str
    score: float | None
