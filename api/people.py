"""Who somebody is, as far as the caller may know: the sections of all ids of a person, merged."""

from collections.abc import Mapping, Sequence

from profiles.candidate import Candidate, merge
from profiles.identity import person_ids
from profiles.store import ProfileStore
from schemas.messages import CandidateId
from schemas.topics import CANDIDATE_TOPICS, Topic

NOBODY: CandidateId = "a:"
"""Stands for a visitor of whom nothing is known; no message can have this id."""


class People:
    """Reads people. Every method may raise StoreUnavailable."""

    def __init__(self, store: ProfileStore) -> None:
        self._store = store

    async def read(self, asked: CandidateId, *, own_only: bool, everything: bool = False) -> Candidate:
        """Answer the person behind an id; `own_only` stays with what came in under that very id.

        `everything` also answers what is held and may not be used, for who asks what is held.
        """
        ids = (asked,) if own_only else await self.ids(asked)
        keys = [(topic, candidate) for candidate in ids for topic in CANDIDATE_TOPICS]
        return merge(asked, await self._store.sections(keys), everything=everything)

    async def consents(self, candidates: Sequence[CandidateId]) -> dict[CandidateId, Mapping[str, bool]]:
        """Answer what each of these ids agreed to, by itself."""
        keys = [(Topic.PROFILES, candidate) for candidate in candidates]
        found = await self._store.sections(keys)
        return {key[1]: merge(key[1], {key: stored}).consents for key, stored in found.items()}

    async def leading(self, asked: CandidateId) -> CandidateId:
        """Answer the id under which a person's decisions are kept: the user's, where an anonymous id leads to one."""
        if asked.startswith("u:"):
            return asked
        return (await self._store.identities([asked])).redirects.get(asked, asked)

    async def ids(self, asked: CandidateId) -> tuple[CandidateId, ...]:
        """Answer all ids of the person behind one."""
        known = await self._store.identities([asked])
        return person_ids(asked, known.links, known.redirects)


def nobody() -> Candidate:
    """Answer a visitor of whom nothing is known."""
    return merge(NOBODY, {})
