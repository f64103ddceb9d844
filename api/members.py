"""A segment's members as an export takes them: by the hash of the e-mail address and the user id."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

from api.cloudevents import rfc3339
from api.people import People
from api.vault import Vault
from schemas.consent import ADVERTISING, TALENT_POOL, allows
from schemas.messages import CandidateId

Normalisation = Literal["plain", "gmail"]
CSV_HEADER = "email_sha256,user_id,entered_at"
PAGE = 1_000
NEEDED = (ADVERTISING, TALENT_POOL)
"""What a member's own answers must allow."""


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a segment who may be named outside."""

    candidate: CandidateId
    email_sha256: str
    entered_at: int

    @property
    def user_id(self) -> str:
        return self.candidate[2:] if self.candidate.startswith("u:") else ""


async def members_of(
    people: People, vault: Vault, found: Sequence[tuple[CandidateId, int]], normalisation: Normalisation
) -> list[Member]:
    """Answer those of a page of members who may be exported; may raise StoreUnavailable."""
    told = await people.told([candidate for candidate, _ in found])
    members = []
    for candidate, entered in found:
        person = told.get(candidate)
        if person is not None and all(allows(person.consents, purpose) for purpose in NEEDED):
            opened = await vault.opened({"email": person.traits.get("email")}, [candidate])
            members.append(Member(candidate, email_hash(opened["email"], normalisation), entered))
    return members


def email_hash(email: object, normalisation: Normalisation) -> str:
    """Answer the SHA-256 of the address as ad platforms make it: trimmed, lower case; empty without an address."""
    if not isinstance(email, str) or "@" not in email:
        return ""
    address = email.strip().lower()
    if normalisation == "gmail":
        address = _gmail(address)
    return hashlib.sha256(address.encode()).hexdigest()


def as_csv(members: Iterable[Member]) -> bytes:
    """Answer the rows that name somebody."""
    rows = [
        f"{member.email_sha256},{_cell(member.user_id)},{rfc3339(member.entered_at)}"
        for member in members
        if member.email_sha256 or member.user_id
    ]
    return "".join(f"{row}\r\n" for row in (CSV_HEADER, *rows)).encode()


def as_ndjson(members: Iterable[Member]) -> bytes:
    return b"".join(
        orjson.dumps(
            {
                "candidate": member.candidate,
                "email_sha256": member.email_sha256 or None,
                "user_id": member.user_id or None,
                "entered_at": rfc3339(member.entered_at),
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )
        for member in members
    )


def _gmail(address: str) -> str:
    local, _, domain = address.rpartition("@")
    if domain not in ("gmail.com", "googlemail.com"):
        return address
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def _cell(text: str) -> str:
    """Answer a CSV cell; one that a spreadsheet would run as a formula is made a text."""
    safe = f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
    return f'"{safe.replace(chr(34), chr(34) * 2)}"' if any(mark in safe for mark in ',"\r\n') else safe
