"""Everything that is held about a person in one document, and the way back from such a document into another house."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from api.addresses import Addresses
from api.cloudevents import rfc3339
from api.errors import RETRY_AFTER, LogAway, MalformedCall, UnknownThing
from api.log import EventLog, Record
from api.reading import decision_body, profile_body, served_bodies
from api.state import Ports
from api.vault import Vault
from profiles.candidate import Stored, merge
from profiles.consent import without_source
from profiles.erasures import Erasures
from profiles.identity import Link
from profiles.pseudonym import pseudonym
from profiles.sections import decode_section, encode_section
from profiles.store import SectionKey
from schemas.consent import ADVERTISING, allows
from schemas.decision_json import decode_decision
from schemas.messages import CandidateId
from schemas.personal import is_sealed
from schemas.restoring import encode_restoring
from schemas.topics import CANDIDATE_TOPICS, Topic

FORMAT = "careerstream-export-1"
_SEALED = "sealed"
"""Fifth member of an entry whose value was sealed here, and is to be sealed again where it is taken in."""
_SAID = (3, 4)
"""Where traits and preferences stand among the members of a profile section."""


async def export_of(ports: Ports, asked: CandidateId, *, claimed: bool = True) -> dict[str, Any]:
    """Answer the document, with or without browsers that only claimed to be theirs; UnknownThing for nobody."""
    ids = await ports.people.every_id(asked, claimed=claimed)
    keys = [(topic, each) for each in ids for topic in CANDIDATE_TOPICS]
    sections = await ports.store.sections(keys)
    if not sections:
        raise UnknownThing("nothing is held under this id")
    now = ports.clock()
    person = merge(asked, sections, everything=True)
    memberships = await ports.segments.memberships(merge(asked, sections), now)
    person = replace(person, traits=await ports.vault.opened(person.traits, ids))
    held = [await _section(ports, key, stored) for key, stored in sorted(sections.items())]
    links = await _links(ports, ids)
    return {
        "format": FORMAT,
        "exportedAt": rfc3339(now),
        "controller": {"name": ports.privacy.controller, "contact": ports.privacy.contact},
        "profile": profile_body(person, ports.engine.interests(person, now), memberships),
        "sources": _sources(sections),
        "consentRecords": await ports.consent_records.of([pseudonym(each) for each in ids]),
        "decisions": await _decisions(ports, ids),
        "appeals": await _appeals(ports, ids),
        "recipients": ["ad servers"]
        if allows(person.consents, ADVERTISING) and any(m.exportable for m in memberships)
        else [],
        "retentionDays": {name: ms // 86_400_000 for name, ms in ports.privacy.retention_ms.items()},
        "sections": held,
        "links": links,
        "digest": digest_of(held, links),
    }


def digest_of(sections: Sequence[Mapping[str, Any]], links: Sequence[Any]) -> str:
    """Answer a SHA-256 over all that is held, opened: equal in every house that holds the same."""
    canonical = orjson.dumps([sections, sorted(links)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()


async def take_in(document: object, *, log: EventLog, vault: Vault, addresses: Addresses, erasures: Erasures) -> int:
    """Bring a document's sections into the log; answer how many. Where something is held already, that stays."""
    sections, links = _read(document)
    if any(erasures.of(candidate).is_suppressed for _, candidate, _ in sections):
        raise MalformedCall("this person was erased or suppressed here: UNSUPPRESS takes them up again")
    records = []
    for topic, candidate, members in sections:
        body = await _sealed_again(vault, addresses, candidate, members) if topic is Topic.PROFILES else members
        own = [link for link in links if link[1] == candidate] if topic is Topic.PROFILES else []
        _check(topic, body, own)
        records.append(Record(topic, candidate.encode(), encode_restoring(body, own)))
    positions = await log.append(records)
    if None in positions:
        raise LogAway("Kafka did not acknowledge everything; send the call again", retry_after=RETRY_AFTER)
    return len(records)


async def _section(ports: Ports, key: SectionKey, stored: Stored) -> dict[str, Any]:
    topic, candidate = key
    members = orjson.loads(encode_section(stored.section))
    if topic is Topic.PROFILES:
        for place in _SAID:
            members[place][0] = [await _opened(ports, candidate, entry) for entry in members[place][0]]
    return {"topic": topic.value, "id": candidate, "members": members}


async def _opened(ports: Ports, candidate: CandidateId, entry: list[Any]) -> list[Any]:
    at, name, size, value = entry
    if not is_sealed(value):
        return entry
    opened = await ports.vault.opened({name: value}, [candidate])
    return [at, name, size, opened[name], _SEALED]


async def _sealed_again(vault: Vault, addresses: Addresses, candidate: CandidateId, members: list[Any]) -> list[Any]:
    again = list(members)
    for place in _SAID:
        entries, floor = again[place]
        told = {without_source(entry[1])[1]: entry[3] for entry in entries if len(entry) > 4}
        await addresses.note_traits(candidate, told)
        again[place] = [[await _resealed(vault, candidate, entry) for entry in entries], floor]
    return again


async def _resealed(vault: Vault, candidate: CandidateId, entry: list[Any]) -> list[Any]:
    if len(entry) < 5:
        return entry
    at, name, size, value, _ = entry
    return [at, name, size, await vault.seal_value(candidate, without_source(name)[1], value)]


async def _links(ports: Ports, ids: Sequence[CandidateId]) -> list[list[Any]]:
    known = await ports.store.identities(ids)
    held = [link for user in ids for link in known.links.get(user, ())]
    return sorted([link.anonymous, link.user, link.at, link.message, link.verified] for link in held)


async def _decisions(ports: Ports, ids: Sequence[CandidateId]) -> dict[str, Any]:
    current = [value for each in ids if (value := await ports.store.decision(each)) is not None]
    served = await ports.archive.of([each.encode() for each in ids])
    return {
        "current": [decision_body(decode_decision(value)) for value in current],
        "served": [body for value in served for body in served_bodies(value)],
    }


async def _appeals(ports: Ports, ids: Sequence[CandidateId]) -> list[dict[str, Any]]:
    return [await ports.appeals.told(each) for each in ports.appeals.book.of(ids)]


def _sources(sections: Mapping[SectionKey, Stored]) -> dict[str, bool]:
    topics = {topic for topic, _ in sections}
    said = [
        without_source(str(entry[1]))[0]
        for (topic, _), stored in sections.items()
        if topic is Topic.PROFILES
        for entry in orjson.loads(encode_section(stored.section))[3][0]
    ]
    return {
        "behaviour": bool(topics & {Topic.CLICKS, Topic.SESSIONS}),
        "applications": Topic.APPLICATIONS in topics,
        "told": "" in said,
        **{name: True for name in sorted(set(said)) if name},
    }


def _read(document: object) -> tuple[list[tuple[Topic, CandidateId, list[Any]]], list[list[Any]]]:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise MalformedCall(f"an import is a document whose format is {FORMAT}")
    try:
        sections = [(Topic(each["topic"]), str(each["id"]), list(each["members"])) for each in document["sections"]]
        links = [list(link) for link in document.get("links", ())]
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedCall("sections is a list of objects with topic, id and members") from error
    if any(topic not in CANDIDATE_TOPICS or each[:2] not in ("u:", "a:") for topic, each, _ in sections):
        raise MalformedCall("a section has a candidate topic and an id such as u:… or a:…")
    return sections, links


def _check(topic: Topic, members: list[Any], links: Sequence[Sequence[Any]]) -> None:
    try:
        decode_section(topic, orjson.dumps(members))
        for link in links:
            Link(*link)
    except Exception as error:  # whatever is wrong inside, this is no section of ours
        raise MalformedCall(f"a section of {topic.value} cannot be read by this version") from error
