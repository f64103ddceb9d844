"""The members that answers about people may have, and no others: what is not named here does not leave.

Objects are closed. Members of a nested fact are its class's fields; where the keys are a site's own or a person's (traits, jobs,
segments), the values are described instead.
"""

from dataclasses import fields, is_dataclass
from typing import Any

from profiles.facts import Application, ContentTouch, Dismissal, Interaction, Search, SurveyAnswer
from profiles.preferences import Preferences
from profiles.visits import SessionState

Schema = dict[str, Any]

ANYTHING: Schema = {}
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}


def closed(**members: Schema) -> Schema:
    """Answer the schema of an object that has these members at most."""
    return {"type": "object", "properties": members, "additionalProperties": False}


def by_key(values: Schema) -> Schema:
    """Answer the schema of an object whose keys are no names of ours."""
    return {"type": "object", "additionalProperties": values}


def listed(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def fields_of(fact: type) -> Schema:
    """Answer the schema of a fact as it is told: its fields, whatever their values are."""
    names = [field.name for field in fields(fact)] if is_dataclass(fact) else _fields(fact)
    return closed(**dict.fromkeys(names, ANYTHING))


def _fields(fact: Any) -> tuple[str, ...]:
    names: tuple[str, ...] = fact._fields
    return names


_REASON = closed(code=TEXT, detail=TEXT, weight=NUMBER, text=TEXT)
_ITEM = closed(id=TEXT, slot=TEXT, score=NUMBER, propensity=NUMBER, source=TEXT, reasons=listed(_REASON))
DECISION = closed(
    decisionId=TEXT,
    candidate={"type": "string", "description": "who may not read profiles is told a pseudonym"},
    decidedAt=WHOLE,
    rung=TEXT,
    degraded=FLAG,
    selector=or_null(TEXT),
    source=or_null(TEXT),
    choices=listed(closed(selector=TEXT, items=listed(_ITEM))),
    items=listed(_ITEM),
    versions=closed(model=TEXT, policy=TEXT, catalogue=ANYTHING),
    profile=by_key(WHOLE),
    segments=listed(TEXT),
    base=or_null(TEXT),
    considered=by_key(by_key(NUMBER)),
    removed=by_key(ANYTHING),
)
PROFILE = closed(
    id=TEXT,
    ids=listed(TEXT),
    known=FLAG,
    version=by_key(WHOLE),
    firstSeen=or_null(WHOLE),
    lastSeen=or_null(WHOLE),
    traits={
        "type": "object",
        "additionalProperties": True,
        "description": "as the site named them; sealed ones are null for admins",
    },
    preferences=closed(explicit=fields_of(Preferences), inferred=by_key(by_key(NUMBER))),
    corrections=by_key(listed(TEXT)),
    consents=by_key(FLAG),
    segments=listed(closed(key=TEXT, since=or_null(WHOLE), until=or_null(WHOLE))),
    interactions=listed(fields_of(Interaction)),
    saved=by_key(WHOLE),
    liked=by_key(WHOLE),
    dismissed=by_key(fields_of(Dismissal)),
    applications=by_key(fields_of(Application)),
    shown=by_key(closed(count=WHOLE, last_at=WHOLE)),
    content=by_key(fields_of(ContentTouch)),
    searches=listed(fields_of(Search)),
    surveys=listed(fields_of(SurveyAnswer)),
    session=fields_of(SessionState),
    daily=by_key(by_key(WHOLE)),
)
_RECORD = {
    "type": "object",
    "additionalProperties": True,
    "description": "a consent record, ISO/IEC TS 27560 in DPV's JSON-LD",
}
_APPEAL = {
    "id": TEXT,
    "about": {"type": "string", "enum": ["decision", "application", "inference"]},
    "decisionId": TEXT,
    "itemId": TEXT,
    "jobId": TEXT,
    "dimension": TEXT,
    "value": TEXT,
    "status": {"type": "string", "enum": ["open", "decided"]},
    "lodgedBy": TEXT,
    "lodgedAt": TIME,
    "outcome": TEXT,
    "decidedBy": TEXT,
    "decidedAt": TIME,
    "done": TEXT,
    "reason": or_null(TEXT),
    "why": or_null(TEXT),
}
APPEAL = closed(**_APPEAL)
APPEALS = closed(appeals=listed(APPEAL))
_EVIDENCE = {"type": "object", "additionalProperties": True, "description": "what the engine had, for who reviews"}
REVIEWED = closed(**_APPEAL, candidate=TEXT, evidence=_EVIDENCE, mayDecide=FLAG)
EXPORT = closed(
    appeals=listed(APPEAL),
    format=TEXT,
    exportedAt=TIME,
    controller=closed(name=TEXT, contact=TEXT),
    profile=PROFILE,
    sources=by_key(FLAG),
    consentRecords=listed(_RECORD),
    decisions=closed(current=listed(DECISION), served=listed(DECISION)),
    recipients=listed(TEXT),
    retentionDays=by_key(WHOLE),
    sections=listed(closed(topic=TEXT, id=TEXT, members={"type": "array"})),
    links=listed({"type": "array"}),
    digest=TEXT,
)
CONSENT_RECORDS = closed(**{"@context": by_key(TEXT), "@graph": listed(_RECORD)})
_SEGMENT = closed(key=TEXT, since=TIME, expires=TIME)
_DATA = closed(name=TEXT, ext=closed(segtax=WHOLE), segment=listed(closed(id=TEXT)))
SEGMENTS: Schema = {
    "oneOf": [
        closed(profile=closed(known=FLAG), segments=listed(_SEGMENT), updatedAt=TIME) | {"required": ["profile"]},
        closed(user=closed(data=listed(_DATA))) | {"required": ["user"]},
        closed(keyValues=closed(seg=listed(TEXT))) | {"required": ["keyValues"]},
        closed(PublisherProvidedTaxonomySignals=listed(closed(taxonomy=TEXT, values=listed(TEXT))))
        | {"required": ["PublisherProvidedTaxonomySignals"]},
    ],
    "description": "plain, ortb2, gam, pps",
}
TRAITS = closed(traits=by_key({"const": True}), cursor=closed(url=TEXT, has_more=FLAG, next=TEXT, limit=WHOLE))
LOOKUP = closed(results=listed(closed(id=TEXT, known=FLAG, segments=listed(_SEGMENT))))
CONSENTS_HELD = closed(success=FLAG, after=TEXT, consents=by_key(FLAG), settled=FLAG)
ERASED = closed(erased=WHOLE, status={"type": "string", "enum": ["completed", "in_progress"]})
TAKEN_IN = closed(sections=WHOLE)
REGULATED = closed(data=closed(regulateId=TEXT))
REGULATION_TOLD = closed(
    data=closed(
        regulation=closed(
            id=TEXT,
            regulationType=TEXT,
            createdAt=TIME,
            subjects=WHOLE,
            overallStatus={"type": "string", "enum": ["FINISHED", "RUNNING"]},
        )
    )
)
