"""What a colleague sends to override the engine, over HTTP and from the command line alike."""

from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from schemas.override import BOOST_LIMIT, Override, OverrideKind

LONGEST_DAYS = 366
_DAY_MS = 86_400_000


class NewOverride(BaseModel):
    """One override: for everybody, for a segment, or for one person (`userId` or `anonymousId`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    kind: OverrideKind
    item_id: str = Field(alias="itemId", min_length=1, max_length=256)
    why: str = Field(min_length=1, max_length=500)
    expires_at: AwareDatetime = Field(alias="expiresAt")
    segment: str | None = Field(None, min_length=1, max_length=100)
    user_id: str | None = Field(None, alias="userId", min_length=1, max_length=256)
    anonymous_id: str | None = Field(None, alias="anonymousId", min_length=1, max_length=256)
    selector: str | None = Field(None, min_length=1, max_length=100, description="a pin's")
    position: int = Field(1, ge=1, le=40, description="a pin's; 1 is first")
    logits: float = Field(0.0, ge=-BOOST_LIMIT, le=BOOST_LIMIT, allow_inf_nan=False, description="a boost's")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(each is not None for each in (self.segment, self.user_id, self.anonymous_id)) > 1:
            raise ValueError("segment, userId and anonymousId exclude each other")
        if (self.kind == "pin") != (self.selector is not None):
            raise ValueError("selector says where a pin goes, and belongs to pins only")
        if (self.kind == "boost") != (self.logits != 0):
            raise ValueError("logits say how much a boost adds or takes, and belong to boosts only")
        return self

    @property
    def candidate(self) -> str | None:
        if self.user_id is not None:
            return f"u:{self.user_id}"
        return None if self.anonymous_id is None else f"a:{self.anonymous_id}"

    def made(self, override_id: str, *, by: str, at: int, person: str | None) -> Override:
        """Answer the override; ValueError for one that ends before it begins, or not within a year."""
        expires = _milliseconds(self.expires_at)
        if not at < expires <= at + LONGEST_DAYS * _DAY_MS:
            raise ValueError(f"expiresAt: an override ends in the future, within {LONGEST_DAYS} days")
        return Override(
            id=override_id,
            kind=self.kind,
            item_id=self.item_id,
            by=by,
            why=self.why,
            at=at,
            expires_at=expires,
            segment=self.segment,
            person=person,
            selector=self.selector,
            position=self.position,
            logits=self.logits,
        )


class Why(BaseModel):
    """Why the model is paused or resumed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    why: str = Field(min_length=1, max_length=500)


NEW_OVERRIDE: TypeAdapter[NewOverride] = TypeAdapter(NewOverride)
WHY: TypeAdapter[Why] = TypeAdapter(Why)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
