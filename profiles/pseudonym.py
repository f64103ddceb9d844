"""The name of a candidate id where the id itself must not stand: erasure lists, key stores, requests."""

from hashlib import sha256

from schemas.messages import CandidateId


def pseudonym(candidate: CandidateId) -> str:
    """Answer 32 hex digits that say nothing about the id to who does not have it already."""
    return sha256(b"careerstream person\0" + candidate.encode()).hexdigest()[:32]
