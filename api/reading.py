"""A person as a secret key's holder reads them: facts, what was said and what was inferred, each apart."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from api.segment_formats import Membership
from profiles.candidate import Candidate
from profiles.pseudonym import pseudonym
from schemas.decision import Choice, Decision, Reason
from schemas.evidence_pack import rows_of
from schemas.logged import decode_logged
from scorers.reasons import explain

_NEWEST = 100
"""How many interactions are told."""


def profile_body(
    person: Candidate, inferred: Mapping[str, Mapping[str, float]], memberships: Sequence[Membership]
) -> dict[str, Any]:
    """Answer everything that is held, under names of the trade. Times are milliseconds since the epoch."""
    return {
        "id": person.id,
        "ids": person.ids,
        "known": person.known,
        "version": dict(person.version),
        "firstSeen": person.first_seen,
        "lastSeen": person.last_seen,
        "traits": dict(person.traits),
        "preferences": {"explicit": _said(asdict(person.preferences)), "inferred": _strongest(inferred)},
        "corrections": {dimension: sorted(values) for dimension, values in person.corrections.items()},
        "consents": dict(person.consents),
        "segments": [{"key": each.key, "since": each.since, "until": each.until} for each in memberships],
        "interactions": [each._asdict() for each in person.interactions[:_NEWEST]],
        "saved": dict(person.saved),
        "liked": dict(person.liked),
        "dismissed": {job: at._asdict() for job, at in person.dismissed.items()},
        "applications": {job: at._asdict() for job, at in person.applications.items()},
        "shown": {job: {"count": count, "last_at": at} for job, (count, at) in person.shown.items()},
        "content": {item: at._asdict() for item, at in person.content.items()},
        "searches": [each._asdict() for each in person.searches],
        "surveys": [each._asdict() for each in person.surveys],
        "session": asdict(person.session),
        "daily": {kind: {str(day): n for day, n in days.items()} for kind, days in person.daily.items()},
    }


def explanation(value: bytes, base: bytes | None, decision_id: str) -> dict[str, Any]:
    """Answer a logged decision: what was shown and why, what it was made from, and what rules took away."""
    made = decode_logged(value)
    body = _of_served(orjson.loads(value), decision_id) if made is None else _of_decided(made.decision)
    logged = made if made is not None else decode_logged(base) if base is not None else None
    if logged is not None and logged.evidence is not None:
        body["considered"] = dict(rows_of(logged.evidence))
        body["removed"] = dict(logged.evidence.removed)
    return {"decisionId": decision_id, **body}


def without_ids(explained: Mapping[str, Any]) -> dict[str, Any]:
    """Answer an explanation under pseudonyms, for who may know what was decided and not about whom."""
    sections = (name.partition("/") for name in explained["profile"])
    named = [f"{topic}/{pseudonym(candidate)}" for topic, _, candidate in sections]
    return {
        **explained,
        "candidate": pseudonym(explained["candidate"]),
        "profile": dict(zip(named, explained["profile"].values(), strict=True)),
    }


def decision_body(decision: Decision) -> dict[str, Any]:
    """Answer a stored decision in words."""
    return {"decisionId": decision.id, **_of_decided(decision)}


def served_bodies(value: bytes) -> list[dict[str, Any]]:
    """Answer what a served record showed, one entry for each choice; nothing for another record."""
    record = orjson.loads(value)
    if record.get("kind") != "served":
        return []
    return [{"decisionId": choice["id"], **_of_served(record, choice["id"])} for choice in record["choices"]]


def _of_served(record: Mapping[str, Any], decision_id: str) -> dict[str, Any]:
    choices = record["choices"]
    shown = next((choice for choice in choices if choice["id"] == decision_id), choices[0] if choices else {})
    return {
        "candidate": record["candidate"],
        "decidedAt": record["at"],
        "rung": record["rung"],
        "degraded": record["degraded"],
        "selector": shown.get("selector"),
        "source": shown.get("source"),
        "items": [
            {**item, "reasons": [_told(*reason) for reason in item["reasons"]]} for item in shown.get("items", ())
        ],
        "versions": {name: record[name] for name in ("model", "policy", "catalogue")},
        "profile": record["version"],
        "segments": record["segments"],
        "base": record["base"],
    }


def _of_decided(decision: Decision) -> dict[str, Any]:
    return {
        "candidate": decision.candidate_id,
        "decidedAt": decision.decided_at,
        "rung": decision.rung,
        "degraded": False,
        "choices": [{"selector": choice.selector, "items": _ranked(choice)} for choice in decision.choices],
        "items": _ranked(decision.choices[0]) if decision.choices else [],
        "versions": {"model": decision.model, "policy": decision.policy, "catalogue": decision.catalogue},
        "profile": dict(decision.version),
        "segments": decision.segments,
    }


def _ranked(choice: Choice) -> list[dict[str, Any]]:
    return [
        {
            "id": item.id,
            "score": item.score,
            "propensity": item.propensity,
            "source": item.source,
            "reasons": [_told(reason.code, reason.detail, reason.weight) for reason in item.reasons],
        }
        for item in choice.items
    ]


def _told(code: str, detail: str, weight: float) -> dict[str, Any]:
    return {"code": code, "detail": detail, "weight": weight, "text": explain(Reason(code, detail))}


def _said(preferences: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in preferences.items() if value not in (None, (), "")}


def _strongest(inferred: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {
        dimension: {value: round(weight, 4) for value, weight in values.items()}
        for dimension, values in inferred.items()
        if values
    }
