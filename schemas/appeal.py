"""An appeal: somebody asks that a person looks at what the engine, or somebody, decided about them; and what a person then said."""

from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from schemas.overriding import NewOverride

About = Literal["decision", "application", "inference"]
Outcome = Literal["uphold", "overturn", "correct"]
TEXT_LIMIT = 2_000
REASON, WHY = "appeal_reason", "appeal_why"
"""The names under which what both sides wrote is sealed."""
Identifier = Annotated[str, Field(min_length=1, max_length=256)]


@dataclass(frozen=True, slots=True)
class Appeal:
    """One appeal. `reason` and `why` are sealed with the person's key; times are milliseconds since the epoch.

    `subject` is what it is about: a decision's id, a posting's, or `dimension:value` of an inference. `by` lodged it ("candidate", or the
    colleague or server who did so on their behalf), `decided_by` decided it; `done` says what followed.
    """

    id: str
    candidate: str
    about: About
    subject: str
    reason: str
    by: str
    at: int
    item: str | None = None
    outcome: Outcome | None = None
    decided_by: str | None = None
    decided_at: int | None = None
    why: str | None = None
    done: str | None = None

    @property
    def is_open(self) -> bool:
        return self.outcome is None

    def decided(self, outcome: Outcome, *, by: str, at: int, why: str, done: str | None) -> "Appeal":
        return replace(self, outcome=outcome, decided_by=by, decided_at=at, why=why, done=done)


def encode_appeal(appeal: Appeal) -> bytes:
    return orjson.dumps(asdict(appeal))


def decode_appeal(value: bytes) -> Appeal | None:
    """Answer what `encode_appeal` wrote, None for the record that erased one; ValueError or TypeError for anything else."""
    body: Any = orjson.loads(value)
    return None if body == {} else Appeal(**body)


ERASED = b"{}"
"""What is written over an appeal whose person is erased: compaction then removes it."""


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class NewAppeal(_Body):
    """One of decisionId, jobId (of the application) and dimension with value; for whom, unless the caller is the candidate."""

    reason: str = Field(min_length=1, max_length=TEXT_LIMIT, description="in the candidate's own words; sealed")
    decision_id: Identifier | None = Field(None, alias="decisionId")
    item_id: Identifier | None = Field(None, alias="itemId", description="which item of the decision")
    job_id: Identifier | None = Field(None, alias="jobId", description="whose application's stage")
    dimension: Identifier | None = None
    value: Identifier | None = None
    user_id: Identifier | None = Field(None, alias="userId")
    anonymous_id: Identifier | None = Field(None, alias="anonymousId")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.dimension is None) != (self.value is None):
            raise ValueError("dimension and value name an inference together")
        if sum(each is not None for each in (self.decision_id, self.job_id, self.dimension)) != 1:
            raise ValueError("an appeal is about one of decisionId, jobId, and dimension with value")
        if self.user_id is not None and self.anonymous_id is not None:
            raise ValueError("userId and anonymousId exclude each other")
        return self

    @property
    def about(self) -> About:
        if self.decision_id is not None:
            return "decision"
        return "application" if self.job_id is not None else "inference"

    @property
    def subject(self) -> str:
        return self.decision_id or self.job_id or f"{self.dimension}:{self.value}"

    @property
    def candidate(self) -> str | None:
        if self.user_id is not None:
            return f"u:{self.user_id}"
        return None if self.anonymous_id is None else f"a:{self.anonymous_id}"


class Verdict(_Body):
    """What a reviewer says. `override` is made for the person, `stage` is what an application goes back to."""

    outcome: Outcome
    why: str = Field(min_length=1, max_length=TEXT_LIMIT, description="what the candidate is told; sealed")
    override: NewOverride | None = Field(
        None, description="of an overturned decision; for the person, whoever it names"
    )
    stage: Literal["started", "submitted", "screened", "assessed"] | None = Field(
        None, description="of an overturned application; unset: submitted"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.outcome == "uphold" and (self.override or self.stage):
            raise ValueError("where the decision is upheld nothing changes: leave out override and stage")
        return self


NEW_APPEAL: TypeAdapter[NewAppeal] = TypeAdapter(NewAppeal)
VERDICT: TypeAdapter[Verdict] = TypeAdapter(Verdict)
