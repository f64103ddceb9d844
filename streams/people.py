"""Who is meant: from touched ids to whole persons, with every section of theirs in as few reads as possible."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from profiles.candidate import Candidate, Stored, merge
from profiles.identity import person_ids
from profiles.store import Identities, ProfileStore, SectionKey
from schemas.messages import CandidateId
from schemas.topics import CANDIDATE_TOPICS
from streams.cache import NOTHING_YET
from streams.desk import OwnSections


@dataclass(frozen=True, slots=True)
class People:
    """Persons, by the id that is asked; `memberships` are the segments each is in by now, `led` the browsers that belong to a user."""

    candidates: Mapping[CandidateId, Candidate]
    memberships: Mapping[CandidateId, Mapping[str, int]]
    led: frozenset[CandidateId] = frozenset()


async def people_of(touched: Iterable[CandidateId], store: ProfileStore, own: OwnSections) -> People:
    """Answer everybody to decide for: the touched ids, and the users to whom touched browsers belong."""
    ids = set(touched)
    # Together: one wait for Redis instead of two, and few people lead to others.
    who, memberships = await asyncio.gather(store.identities(ids), store.memberships(list(ids)))
    asked = ids | {user for each, user in who.redirects.items() if each in ids}
    persons = {each: _ids(each, who) for each in asked}
    sections = await _sections({each for person in persons.values() for each in person}, store, own)
    candidates = {each: _merged(each, person, sections) for each, person in persons.items()}
    known = {each: candidate for each, candidate in candidates.items() if candidate.known}
    led_to = [each for each in known if each not in ids]
    led = frozenset(each for each in known if each in who.redirects)
    return People(known, {**memberships, **await store.memberships(led_to)}, led)


def _ids(asked: CandidateId, who: Identities) -> tuple[CandidateId, ...]:
    """Answer what is decided from: for a browser its own id alone, which is all that a publishable key may see."""
    return person_ids(asked, who.links, who.redirects) if asked.startswith("u:") else (asked,)


async def _sections(ids: Iterable[CandidateId], store: ProfileStore, own: OwnSections) -> Mapping[SectionKey, Stored]:
    keys = [(topic, each) for each in ids for topic in CANDIDATE_TOPICS]
    owned = {key for key in keys if own.owns(key)}
    asked = [*own.missing(owned), *(key for key in keys if key not in owned)]
    read_at = own.moment()
    sections = await store.sections(asked) if asked else {}
    own.keep(asked, sections, read_at)
    cached = {key: found for key in owned if (found := own.get(key)) is not None and found.offset != NOTHING_YET}
    return {**sections, **cached}


def _merged(asked: CandidateId, person: Iterable[CandidateId], sections: Mapping[SectionKey, Stored]) -> Candidate:
    own = {key: found for each in person for topic in CANDIDATE_TOPICS if (found := sections.get(key := (topic, each)))}
    return merge(asked, own)
