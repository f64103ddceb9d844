"""Who somebody is, as far as the caller may know: the sections of all ids of a person, merged."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from profiles.answers import UNWRITTEN
from profiles.candidate import Candidate, Stored, merge
from profiles.erasures import Erasures
from profiles.identity import person_ids
from profiles.store import ProfileStore, SectionKey
from schemas.messages import CandidateId
from schemas.topics import CANDIDATE_TOPICS, Topic

NOBODY: CandidateId = "a:"
"""Stands for a visitor of whom nothing is known; no message can have this id."""


Sight = Literal["own", "proven", "all"]
"""Which ids of a person are read: the one asked for, those joined by a key or token that vouched, or claimed ones as well."""


class People:
    """Reads people. Every method may raise StoreUnavailable.

    What was taken back before a section knows of it is left out: told through the API, `erasures` has it, told by an event, the store.
    """

    def __init__(self, store: ProfileStore, erasures: Erasures) -> None:
        self._store = store
        self._erasures = erasures

    async def read(self, asked: CandidateId, *, sight: Sight, everything: bool = False) -> Candidate:
        """Answer the person behind an id, as far as the sight reaches.

        `everything` also answers what is held and may not be used, for who asks what is held.
        """
        ids = (asked,) if sight == "own" else await self.ids(asked, sight=sight)
        keys = [(topic, candidate) for candidate in ids for topic in CANDIDATE_TOPICS]
        return self._merged(asked, await self._store.sections_as_told(keys), everything=everything)

    async def consents(self, candidates: Sequence[CandidateId]) -> dict[CandidateId, Mapping[str, bool]]:
        """Answer what each of these ids agreed to, by itself."""
        return {candidate: person.consents for candidate, person in (await self.told(candidates)).items()}

    async def told(self, candidates: Sequence[CandidateId]) -> dict[CandidateId, Candidate]:
        """Answer what was said of each of these ids: traits, preferences and consents, of those of whom anything was."""
        found = await self._store.sections_as_told([(Topic.PROFILES, candidate) for candidate in candidates])
        return {key[1]: self._merged(key[1], {key: stored}) for key, stored in found.items()}

    async def agreed(self, asked: CandidateId, *, own_only: bool) -> Mapping[str, bool]:
        """Answer what the person behind an id agreed to, as a decision for them sees it."""
        leading = asked if own_only else await self.leading(asked)
        ids = (leading,) if own_only else await self.ids(leading)
        return self._merged(
            leading, await self._store.sections_as_told([(Topic.PROFILES, each) for each in ids])
        ).consents

    def _merged(
        self, asked: CandidateId, sections: Mapping[SectionKey, Stored], *, everything: bool = False
    ) -> Candidate:
        person = merge(asked, sections, everything=everything)
        if any(stored.offset == UNWRITTEN for stored in sections.values()):
            person = replace(person, version={name: at for name, at in person.version.items() if at != UNWRITTEN})
        consents = self._erasures.narrowed(person.ids, person.consents)
        return person if consents is person.consents else replace(person, consents=consents)

    async def leading(self, asked: CandidateId) -> CandidateId:
        """Answer the id under which a person's decisions are kept: the user's, where an anonymous id leads to one."""
        if asked.startswith("u:"):
            return asked
        return (await self._store.identities([asked])).redirects.get(asked, asked)

    async def every_id(self, asked: CandidateId, *, claimed: bool = True) -> tuple[CandidateId, ...]:
        """Answer all ids of a person, however many: for erasing them. A claim never leads from a browser to a user.

        Without `claimed` browsers that only claimed to be the user's are left out: for telling a candidate what is held.
        """
        ids = await self.ids(asked, sight="proven")
        users = [each for each in ids if each.startswith("u:")]
        known = await self._store.identities(users)
        linked = [link.anonymous for user in users for link in known.links.get(user, ()) if claimed or link.verified]
        current = [each for each in linked if known.redirects.get(each) in users]
        return tuple(dict.fromkeys((*ids, *current)))

    async def ids(self, asked: CandidateId, *, sight: Sight = "all") -> tuple[CandidateId, ...]:
        """Answer the ids of the person behind one, as far as the sight reaches."""
        known = await self._store.identities([asked])
        if sight == "all":
            return person_ids(asked, known.links, known.redirects)
        links = {user: [link for link in held if link.verified] for user, held in known.links.items()}
        proven = {link.anonymous for held in links.values() for link in held}
        redirects = {anonymous: user for anonymous, user in known.redirects.items() if anonymous in proven}
        return person_ids(asked, links, redirects)


def nobody() -> Candidate:
    """Answer a visitor of whom nothing is known."""
    return merge(NOBODY, {})
