"""The policy: what the selectors are, how long interest lasts, how far rules go, what a curator pins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from scorers.overrides import NO_OVERRIDES, Overrides

DAY_MS = 86_400_000
Playlist = Literal["for-you", "discoveries", "fresh"]
PLAYLISTS: tuple[str, ...] = get_args(Playlist)
Strictness = Literal["require", "warn"]


@dataclass(frozen=True, slots=True)
class Diversity:
    """What each further posting of the same kind pays, in the model's logit, and how many there may be among the first `within`."""

    employer: float = 0.25
    occupation: float = 0.10
    title: float = 1.5
    """Near-duplicates: the same telling words in the title for the same occupation."""
    within: int = 10
    at_most: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({"employer": 4}))


@dataclass(frozen=True, slots=True)
class Floors:
    """The least share that postings of some values of a dimension have of every beginning of a list; shares add up to 1 at most.

    They are of postings, never of people: whoever looks, the floors are the same.
    """

    by: str
    at_least: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Exploration:
    """One place of the list for a posting drawn from a pool: `share` of the decisions, drawn evenly from what is left of the pool."""

    position: int = 6
    pool: int = 12
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Selector:
    """One place to fill: jobs by a playlist, or content of some kinds."""

    name: str
    playlist: Playlist | None = None
    kinds: tuple[str, ...] = ()
    count: int = 6
    keep: int = 24
    """How many are kept with the decision, for a request's filters and context to choose from."""
    explained: int = 6
    """How many of the kept carry reasons."""
    diversity: Diversity = field(default_factory=Diversity)
    floors: Floors | None = None
    exploration: Exploration | None = None
    days: int = 14
    """`fresh` only: how old a posting may be for somebody whose last visit is not known."""
    staged: bool = False
    """Content only: an item that names stages is for people whose application is at one of them, and for nobody else."""
    again_after_days: float = 0
    """Content only: how long an item stays away after it was sent, opened, clicked or registered for."""

    @property
    def kind(self) -> Literal["RECS", "CONTENT"]:
        return "RECS" if self.playlist else "CONTENT"


@dataclass(frozen=True, slots=True)
class Pin:
    """A curator's choice: the item at this position (1 is first) of a selector, for members of a segment or everybody."""

    selector: str
    item_id: str
    position: int = 1
    segments: tuple[str, ...] = ()
    starts_at: int | None = None
    ends_at: int | None = None

    def is_current(self, now: int) -> bool:
        return (self.starts_at is None or self.starts_at <= now) and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True, slots=True)
class Interest:
    """How behaviour becomes interest (docs/reference/ranking.md)."""

    half_life_days: float = 14.0
    dislike_half_life_days: float = 30.0
    session_boost: float = 1.5
    """What the session still running counts more than the same a day ago."""
    prior: float = 1.0
    """Evidence that nothing interests: one view alone makes an affinity of 1 / (1 + prior)."""
    viewed: float = 1.0
    read: float = 0.6
    """Times log2(1 + seconds / 10): ten seconds count once, two minutes 3.7 times."""
    saved: float = 3.0
    liked: float = 3.0
    shared: float = 2.5
    started: float = 4.0
    submitted: float = 4.0
    searched: float = 2.0
    deeds: int = 48
    """How many of a person's newest deeds are read."""


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """How far rules go where a fact is missing: `require` refuses, `warn` lets through and says so."""

    unknown_pay: Strictness = "warn"
    unknown_credentials: Strictness = "warn"
    unknown_region: Strictness = "warn"
    off: tuple[str, ...] = ()
    """Names of rules that this policy does without."""


@dataclass(frozen=True, slots=True)
class Shortlisting:
    """How many postings a person's shortlist has, and how deep each source looks into its lists."""

    size: int = 100
    facets: int = 8
    depth: int = 16
    neighbours: int = 2
    pair_depth: int = 12
    fresh: int = 12
    trending: int = 8
    near_places: int = 3


def _standard_selectors() -> tuple[Selector, ...]:
    return (
        Selector("jobs", playlist="for-you", exploration=Exploration()),
        Selector("weekly-discoveries", playlist="discoveries", keep=8, explained=2),
        Selector("fresh-releases", playlist="fresh", keep=8, explained=2),
        Selector("hero", kinds=("hero",), count=1, keep=2, explained=1),
        Selector("benefits", kinds=("benefit",), count=3, keep=4, explained=2),
        Selector("media", kinds=("video", "event", "article"), count=3, keep=4, explained=2, again_after_days=30),
        Selector("message", kinds=("message",), count=1, keep=2, explained=1, staged=True, again_after_days=7),
        Selector("prep", kinds=("prep",), count=1, keep=2, explained=1, staged=True),
        Selector("survey", kinds=("survey",), count=1, keep=2, explained=1, staged=True, again_after_days=90),
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything about deciding that a marketer may change. `version` is made of the files' text."""

    version: str = "standard"
    selectors: tuple[Selector, ...] = field(default_factory=_standard_selectors)
    pins: tuple[Pin, ...] = ()
    interest: Interest = field(default_factory=Interest)
    rules: RuleOptions = field(default_factory=RuleOptions)
    shortlisting: Shortlisting = field(default_factory=Shortlisting)
    fit_share: float = 0.4
    """How much of the joined opinion is the employer's side."""
    fit_within_pay: bool = True
    """Whether the order leaves out what fit says of well-paid work as such (`scorers.within_pay`)."""
    overrides: Overrides = NO_OVERRIDES
    """What colleagues said against it; not part of `version`: a decision names those that it was made under itself."""

    def selector(self, name: str) -> Selector | None:
        return next((selector for selector in self.selectors if selector.name == name), None)
