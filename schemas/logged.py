"""A decision as it lies on the decisions topic: what was chosen and from what, so that it can be found, explained and learned from."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.decision import Decision, Evidence
from schemas.decision_json import decision_json, decision_of, stored_json
from schemas.evidence_pack import pack, unpack


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """A decision as it was made. `evidence` is missing where no model scored."""

    decision: Decision
    evidence: Evidence | None = None


def encode_logged(decision: Decision, evidence: Evidence | None, encoded: bytes | None = None) -> bytes:
    """Answer the JSON of a record: `kind` is `decided`, `decision` in full (or what `encoded`, its bytes in the store, hold)."""
    kept = stored_json(encoded) if encoded else decision_json(decision)
    body: dict[str, Any] = {"kind": "decided", "decision": orjson.Fragment(kept)}
    if evidence is not None:
        body["evidence"] = b64encode(pack(evidence)).decode("ascii")
    return orjson.dumps(body)


def decode_logged(value: bytes) -> LoggedDecision | None:
    """Answer the decision of a record, or None when the record is of another kind."""
    body: dict[str, Any] = orjson.loads(value)
    if body.get("kind") != "decided":
        return None
    evidence = body.get("evidence")
    # Records from before it was packed have it in another form: they count as without.
    packed = b64decode(evidence) if isinstance(evidence, str) else None
    return LoggedDecision(decision_of(body["decision"]), unpack(packed) if packed else None)
