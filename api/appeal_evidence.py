"""What the engine had when it decided what is appealed against: from the decision log, and from the profile for the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from api.cloudevents import rfc3339
from api.override_routes import told
from api.reading import explanation
from api.state import Ports
from schemas.appeal import Appeal
from schemas.decision import Evidence
from schemas.logged import LoggedDecision, decode_logged
from scorers.models import Model, PriorModel
from scorers.overrides import Overrides, overrides_on
from scorers.trained import rows_of

_GONE = {"missing": "the decision log no longer has it"}


@dataclass(frozen=True, slots=True)
class EvidenceOf:
    """`body` is what a reviewer sees; `concerned` are the colleagues whose overrides had a say."""

    body: Mapping[str, Any]
    concerned: frozenset[str] = frozenset()


async def evidence_of(ports: Ports, appeal: Appeal) -> EvidenceOf:
    """Answer it; may raise StoreAway or StoreUnavailable."""
    if appeal.about == "decision":
        return await _of_decision(ports, appeal)
    person = await ports.people.read(appeal.candidate, sight="all", everything=True)
    if appeal.about == "application":
        standing = person.applications.get(appeal.subject)
        body: dict[str, Any] = {"application": None if standing is None else standing._asdict()}
    else:
        dimension, _, value = appeal.subject.partition(":")
        inferred = ports.engine.interests(person, ports.clock())
        interactions = [each._asdict() for each in person.interactions[:40]]
        body = {"weight": inferred.get(dimension, {}).get(value), "madeFrom": {"interactions": interactions}}
    return EvidenceOf({**body, "consents": dict(person.consents)})


async def _of_decision(ports: Ports, appeal: Appeal) -> EvidenceOf:
    value = await ports.archive.find(appeal.subject)
    if value is None:
        return EvidenceOf(_GONE)
    record = orjson.loads(value)
    base = await ports.archive.find(record["base"]) if "base" in record else value
    body = explanation(value, base, appeal.subject)
    logged = None if base is None else decode_logged(base)
    if logged is None:
        return EvidenceOf({**body, **_GONE})
    everything = Overrides(tuple(ports.overriding.book.records()))
    said = overrides_on(logged.decision, everything, record.get("at", logged.decision.decided_at))
    evidence = logged.evidence
    body |= {
        "overrides": [told(each, ports.clock()) for each in said],
        "madeAt": rfc3339(logged.decision.decided_at),
        "consents": {} if evidence is None else dict(evidence.consents),
        "contributions": {} if evidence is None else _contributions(ports, logged, evidence, body.get("items", ())),
    }
    return EvidenceOf(body, frozenset(each.by for each in said))


def _contributions(ports: Ports, logged: LoggedDecision, evidence: Evidence, items: Any) -> dict[str, dict[str, float]]:
    """Answer what each feature added to the logit of what was shown, by its model; {} where that is not here any more."""
    model = _model(ports, logged.decision.model, evidence.fit_share)
    if model is None or not evidence.considered:
        return {}
    matrix = np.ascontiguousarray(rows_of(evidence.matrix, len(evidence.features)))
    parts = model.contributions(matrix, evidence.features)
    shown = {item["id"] for item in items}
    names = (*evidence.features, "intercept")
    return {
        job: {name: round(part, 4) for name, part in zip(names, row, strict=True) if part}
        for job, row in zip(evidence.considered, parts.tolist(), strict=True)
        if job in shown
    }


def _model(ports: Ports, name: str, fit_share: float | None) -> Model | None:
    current = ports.engine.current.model
    if name == current.name:
        return current
    prior = PriorModel() if fit_share is None else PriorModel(fit_share)
    return prior if name == prior.name else None
