"""The body of `POST /v1/decide` and `POST /v1/engagements`: bounded, and tolerant of members that it does not know."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

SELECTORS_LIMIT = 10
ITEMS_LIMIT = 100
IDS_LIMIT = 500
BUDGET_LIMIT_MS = 1_000
NAME_LIMIT = 60


def _id(value: object) -> object:
    """Take numbers as ids, as the collector does; null and the empty text are no ids."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value or None


Identifier = Annotated[Annotated[str, Field(max_length=256)] | None, BeforeValidator(_id)]
ItemId = Annotated[str, Field(min_length=1, max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]
FilterValue = Annotated[str, Field(max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class ItemInView(_Body):
    """The posting or content that the page shows."""

    job_id: ItemId | None = Field(None, alias="jobId")
    content_id: ItemId | None = Field(None, alias="contentId")


class Selector(_Body):
    """One place to fill."""

    name: Name
    count: int | None = Field(
        None, ge=1, le=ITEMS_LIMIT, description="how many items; unset: what the selector's policy says"
    )
    item: ItemInView | None = Field(None, description="what the page shows: never answered itself")
    filter: dict[Name, FilterValue | list[FilterValue]] = Field(
        default_factory=dict, max_length=20, description="keep items with one of these values, by facet"
    )
    exclude: list[ItemId] = Field(default_factory=list, max_length=IDS_LIMIT)
    candidates: list[ItemId] | None = Field(None, max_length=IDS_LIMIT, description="rank only these")
    properties: list[Name] = Field(default_factory=list, max_length=30, description="members of each item to answer")
    next: str | None = Field(None, max_length=200, description="the `next` of an earlier answer: goes on behind it")


def _selector(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class User(_Body):
    """Whom to decide for, with the ids of the events."""

    user_id: Identifier = Field(None, alias="userId")
    anonymous_id: Identifier = Field(None, alias="anonymousId")


class Session(_Body):
    id: Identifier = None


class Options(_Body):
    """How to answer."""

    explain: bool = Field(default=False, description="reasons with every item")
    budget_ms: int | None = Field(None, alias="budgetMs", ge=1, le=BUDGET_LIMIT_MS, description="time until the answer")
    implicit_impression: bool = Field(
        default=False, alias="implicitImpression", description="record the items as shown"
    )
    implicit_pageview: bool = Field(
        default=False, alias="implicitPageview", description="record a page view from the context"
    )
    preview: str | None = Field(None, max_length=200)


class DecideRequest(_Body):
    """What a page asks. `context` is the same object that goes into events."""

    selectors: list[Annotated[Selector, BeforeValidator(_selector)]] = Field(min_length=1, max_length=SELECTORS_LIMIT)
    user: User = User()
    session: Session = Session()
    context: dict[str, Any] = Field(default_factory=dict)
    options: Options = Options()
    after: str | None = Field(None, max_length=2_000, description="what collecting answered: wait for these events")
    request_id: str | None = Field(None, alias="requestId", min_length=1, max_length=100)


class Engagement(_Body):
    """What became of a decision."""

    type: Literal["IMP", "CLICK", "SLOT_IMP", "SLOT_CLICK", "REWARD"]
    decision_id: Annotated[str, Field(min_length=1, max_length=100)] = Field(alias="decisionId")
    slot_ids: list[Annotated[str, Field(min_length=1, max_length=120)]] = Field(
        default_factory=list, alias="slotIds", max_length=ITEMS_LIMIT
    )
    value: float | None = Field(None, ge=-1, le=1, allow_inf_nan=False)


class EngagementsRequest(_Body):
    """The shorthand for events about shown decisions."""

    user: User
    engagements: list[Engagement] = Field(min_length=1, max_length=ITEMS_LIMIT)
    context: dict[str, Any] = Field(default_factory=dict)


DECIDE: TypeAdapter[DecideRequest] = TypeAdapter(DecideRequest)
ENGAGEMENTS: TypeAdapter[EngagementsRequest] = TypeAdapter(EngagementsRequest)
