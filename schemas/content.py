"""Content that fills a slot beside jobs: hero texts, benefits, media, live events, messages, prep packs, surveys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from schemas.consent import EMAIL, SMS

ContentKind = Literal["hero", "benefit", "video", "event", "article", "message", "prep", "survey"]
CONTENT_KINDS: tuple[str, ...] = get_args(ContentKind)
CHANNELS = (EMAIL, SMS)
"""Ways out of the house, by the purpose that each needs."""


@dataclass(frozen=True, slots=True)
class Content:
    """One item. Times are milliseconds since the epoch; an event is offered from `starts_at` until `ends_at`.

    `payload` is handed out as it is (headline, text, link, image, subject line, points, questions …). `facets` say whom it suits,
    in the dimensions of the affinities (`occupation`, `skill`, `employer`, `place`, `pay`, `employment`, `workplace`,
    `category`, `seniority`); `segments` name segments it is meant for (empty: everybody); `stages` application stages it suits.
    `channel` is one of CHANNELS for what is sent that way.
    """

    id: str
    kind: ContentKind
    title: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    priority: int = 0
    starts_at: int | None = None
    ends_at: int | None = None
    language: str = "en"
    channel: str | None = None

    def is_current(self, now: int) -> bool:
        """Say whether the item may be shown at `now` (milliseconds since the epoch)."""
        return (self.ends_at is None or now < self.ends_at) and (
            self.starts_at is None or self.kind == "event" or now >= self.starts_at
        )
