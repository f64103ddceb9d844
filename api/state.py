"""What the routes are given: one frozen object on the app."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import Request

from api.addresses import Addresses
from api.appeals import Appeals
from api.archive import DecisionArchive
from api.callbacks import Callbacks
from api.collect import Collector
from api.consent_records import ConsentRecords
from api.decide import Decisions
from api.engine import Engine
from api.enriching import Enriching
from api.erasure import Erasure
from api.gate import Gate
from api.implied import ImpliedEvents
from api.log import EventLog
from api.metrics import Metrics
from api.opendsr import SubjectRequests
from api.overriding import Overriding
from api.people import People
from api.postings import Postings
from api.probes import Probe
from api.replies import Replies
from api.requests import Requests
from api.segments import Segments
from api.served import ServedChoices
from api.vault import Vault
from catalog.index import Catalog
from profiles.erasures import Erasures
from profiles.feed import AppliedFeed
from profiles.store import ProfileStore
from schemas.privacy import Privacy


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that a route may ask."""

    gate: Gate
    log: EventLog
    collector: Collector
    decisions: Decisions
    implied: ImpliedEvents
    replies: Replies
    served: ServedChoices
    archive: DecisionArchive
    store: ProfileStore
    people: People
    vault: Vault
    addresses: Addresses
    erasures: Erasures
    erasure: Erasure
    overriding: Overriding
    appeals: Appeals
    requests: Requests
    subject_requests: SubjectRequests
    callbacks: Callbacks
    consent_records: ConsentRecords
    enriching: Enriching | None
    feed: AppliedFeed
    privacy: Privacy
    segments: Segments
    engine: Engine
    postings: Postings
    catalog: Catalog
    metrics: Metrics
    probes: Mapping[str, Probe]
    clock: Callable[[], int]


def ports_of(request: Request) -> Ports:
    """Answer the ports of the app that a request came to."""
    ports: Ports = request.app.state.ports
    return ports
