"""The record of a consent given or taken back: the fields of ISO/IEC TS 27560, written in DPV's JSON-LD.

The person stands in it by a pseudonym; who has the id can tell that a record is theirs, nobody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.consent import PURPOSES, SOURCES
from schemas.privacy import Privacy

CONFORMS_TO = "https://w3id.org/dpv/schema/dpv-27560#record"
CONTEXT: Mapping[str, str] = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "sec": "https://w3id.org/security#",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of how somebody answered. `at` is an RFC 3339 time; `channel` the sender's source."""

    record_id: str
    subject: str
    at: str
    channel: str
    purposes: Mapping[str, bool]
    method: str = ""
    language: str = ""
    notice_version: str = ""
    notice_hash: str = ""


def consent_record(told: Told, privacy: Privacy) -> dict[str, Any]:
    """Answer the unsigned record."""
    return {
        "@context": dict(CONTEXT),
        "@type": "dpv:ConsentRecord",
        "dct:identifier": told.record_id,
        "dct:conformsTo": CONFORMS_TO,
        "dpv:hasDataSubject": told.subject,
        "dpv:hasDataController": {"dpv:hasName": privacy.controller, "dpv:hasContact": privacy.contact},
        "dpv:hasProcess": [_process(name, privacy) for name in sorted(told.purposes)],
        "dpv:hasNotice": {
            "dct:hasVersion": told.notice_version or privacy.notice.version,
            "dct:source": privacy.notice.address,
            "dct:language": told.language,
            "sec:digest": told.notice_hash,
        },
        "dpv:hasConsentControl": "POST /v1/consents",
        "dpv:hasJurisdiction": privacy.notice.jurisdiction,
        "dpv:hasConsentStatus": [
            {
                "@type": "dpv:ConsentGiven" if given else "dpv:ConsentWithdrawn",
                "dpv:hasPurpose": name,
                "dpv:isIndicatedBy": told.subject,
                "dpv:hasIndicationMethod": told.method or told.channel,
                "dpv:isIndicatedAtTime": told.at,
            }
            for name, given in sorted(told.purposes.items())
        ],
    }


def _process(name: str, privacy: Privacy) -> dict[str, Any]:
    kind = "dpv:hasPersonalData" if name in SOURCES else "dpv:hasPurpose"
    meaning = PURPOSES.get(name) or SOURCES.get(name) or "a category of the site's own"
    return {
        kind: name,
        "dct:description": meaning,
        "dpv:hasLegalBasis": "dpv:Consent",
        "dpv:hasStorageCondition": {"dpv:hasDuration": f"P{privacy.retention_ms['profile'] // 86_400_000}D"},
        "dpv:hasRecipient": ["ad servers"] if name == "advertising" else [],
    }
