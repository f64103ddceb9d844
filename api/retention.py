"""The sweep that ends what has been kept long enough: people nobody has seen for as long as the privacy file allows."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from api.erasure import Erasure
from api.people import People
from profiles.candidate import Stored
from profiles.newest import Newest
from profiles.sections import Profile
from profiles.store import ProfileStore
from schemas.messages import CandidateId
from schemas.privacy import Privacy
from schemas.topics import CANDIDATE_TOPICS

ANONYMOUS, PROFILE = "anonymous", "profile"


@dataclass(frozen=True, slots=True)
class Swept:
    """How many people a sweep looked at, and how many of each class were past due."""

    people: int
    due: Mapping[str, int]


class Retention:
    """Finds people past due and takes them out of every topic's sections; their keys go, too. May raise what `Erasure` raises."""

    def __init__(
        self, *, store: ProfileStore, people: People, erasure: Erasure, privacy: Privacy, clock: Callable[[], int]
    ) -> None:
        self._store = store
        self._people = people
        self._erasure = erasure
        self._limits = privacy.retention_ms
        self._clock = clock

    async def sweep(self, *, dry_run: bool = False) -> Swept:
        """Look at everybody once; with `dry_run` nothing is deleted."""
        done: set[CandidateId] = set()
        due: Counter[str] = Counter()
        people = 0
        async for candidate in self._store.candidates():
            if candidate in done:
                continue
            ids = await self._people.every_id(candidate)
            done.update(ids)
            people += 1
            kind = await self._past_due(ids)
            if kind is not None:
                due[kind] += 1
                if not dry_run:
                    await self._erasure.expire(ids)
        return Swept(people, due)

    async def _past_due(self, ids: Collection[CandidateId]) -> str | None:
        sections = await self._store.sections([(topic, each) for each in ids for topic in CANDIDATE_TOPICS])
        kind = PROFILE if any(each.startswith("u:") for each in ids) else ANONYMOUS
        newest = newest_of(list(sections.values()))
        return kind if newest and self._clock() - newest > self._limits[kind] else None


def newest_of(sections: Sequence[Stored]) -> int:
    """Answer when a person was last seen or last spoken of, in milliseconds; 0 when that cannot be told."""
    return max((_newest(stored) for stored in sections), default=0)


def _newest(stored: Stored) -> int:
    section = stored.section
    if not isinstance(section, Profile):
        return section.last_seen
    said = (section.traits, section.preferences, section.consents)
    return max(section.last_seen, *(_first(collection) for collection in said))


def _first(collection: Newest) -> int:
    return int(max((entry[0] for entry in collection.entries), default=0))
