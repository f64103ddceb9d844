"""Who somebody is, as far as the caller may know: the sections of all ids of a person, merged."""

from profiles.candidate import Candidate, merge
from profiles.identity import person_ids
from profiles.store import ProfileStore
from schemas.messages import CandidateId
from schemas.topics import CANDIDATE_TOPICS

NOBODY: CandidateId = "a:"
"""Stands for a visitor of whom nothing is known; no message can have this id."""


class People:
    """Reads people. Every method may raise StoreUnavailable."""

    def __init__(self, store: ProfileStore) -> None:
        self._store = store

    async def read(self, asked: CandidateId, *, own_only: bool) -> Candidate:
        """Answer the person behind an id; `own_only` stays with what came in under that very id."""
        ids = (asked,) if own_only else await self._ids(asked)
        keys = [(topic, candidate) for candidate in ids for topic in CANDIDATE_TOPICS]
        return merge(asked, await self._store.sections(keys))

    async def leading(self, asked: CandidateId) -> CandidateId:
        """Answer the id under which a person's decisions are kept: the user's, where an anonymous id leads to one."""
        if asked.startswith("u:"):
            return asked
        return (await self._store.identities([asked])).redirects.get(asked, asked)

    async def _ids(self, asked: CandidateId) -> tuple[CandidateId, ...]:
        known = await self._store.identities([asked])
        return person_ids(asked, known.links, known.redirects)


def nobody() -> Candidate:
    """Answer a visitor of whom nothing is known."""
    return merge(NOBODY, {})
