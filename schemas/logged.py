"""A decision as it lies on the decisions topic: what was chosen and from what, so that it can be found, explained and learned from."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.decision import Decision, Evidence, Shadow
from schemas.decision_json import decision_json, decision_of, stored_json


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """A decision that an agent made. `evidence` is missing where the log was asked to hold back."""

    decision: Decision
    evidence: Evidence | None = None


def encode_logged(decision: Decision, evidence: Evidence | None, encoded: bytes | None = None) -> bytes:
    """Answer the JSON of a record: `kind` is `decided`, `decision` in full (or what `encoded`, its bytes in the store, hold)."""
    kept = stored_json(encoded) if encoded else decision_json(decision)
    body: dict[str, Any] = {"kind": "decided", "decision": orjson.Fragment(kept)}
    if evidence is not None:
        body["evidence"] = {
            "considered": evidence.considered,
            "features": evidence.features,
            "matrix": b64encode(evidence.matrix).decode("ascii"),
            "scores": evidence.scores,
            "removed": dict(evidence.removed),
        }
        if evidence.shadow is not None:
            body["shadow"] = {"model": evidence.shadow.model, "scores": evidence.shadow.scores}
    return orjson.dumps(body)


def decode_logged(value: bytes) -> LoggedDecision | None:
    """Answer the decision of a record, or None when the record is of another kind."""
    body: dict[str, Any] = orjson.loads(value)
    if body.get("kind") != "decided":
        return None
    evidence = body.get("evidence")
    return LoggedDecision(
        decision_of(body["decision"]),
        evidence
        and Evidence(
            considered=tuple(evidence["considered"]),
            features=tuple(evidence["features"]),
            matrix=b64decode(evidence["matrix"]),
            scores=tuple(evidence["scores"]),
            removed=evidence["removed"],
            shadow=_shadow(body.get("shadow")),
        ),
    )


def _shadow(body: dict[str, Any] | None) -> Shadow | None:
    return None if body is None else Shadow(body["model"], tuple(body["scores"]))
