"""The app: what the roof hands in, put behind the routes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from api import (
    appeal_routes,
    catalogue_routes,
    collect_routes,
    consent_routes,
    decide_routes,
    enrichment_routes,
    opendsr_routes,
    operations_routes,
    override_routes,
    profile_routes,
    rights_routes,
    statistics_routes,
    visitor_routes,
)
from api.access import check_routes
from api.addresses import Addresses, Index, MemoryIndex
from api.appeals import AppealBook, Appeals, forget
from api.archive import DecisionArchive
from api.callbacks import Callbacks, MemoryQueue, NoSender, Queue, Sender
from api.collect import Collector, Limits
from api.consent_records import ConsentRecords, MemoryRecords
from api.decide import DEFAULT_BUDGET_MS, Decisions
from api.decider import Decider
from api.decision_log import DecisionLog
from api.engine import Current, Engine
from api.enriching import Enriching
from api.erasure import Erasure
from api.errors import answer_errors
from api.gate import Gate
from api.implied import ImpliedEvents
from api.keeping import Keeping
from api.log import EventLog
from api.master_keys import new_master_keys
from api.metrics import Metrics
from api.openapi import document_access
from api.opendsr import SubjectRequests
from api.outbox import MemoryOutbox, Outbox
from api.outside import CrossOrigin, RequestLine
from api.overriding import Overriding
from api.partition import Partitions
from api.people import People
from api.personal_keys import MemoryPersonalKeys
from api.postings import Postings
from api.probes import Probe
from api.processor import Processor
from api.replies import Replies
from api.requests import MemoryRequests, Requests
from api.retention import Retention
from api.seen import SeenMessages
from api.segments import Segments
from api.served import ServedChoices
from api.shedding import DEFAULT_LONGEST_WAIT, Pressure, Shedding
from api.shortcut import Shortcut
from api.site import Site
from api.state import Ports
from api.vault import Vault
from profiles.erasures import Erasures
from profiles.feed import AppliedFeed
from profiles.store import ProfileStore
from schemas.privacy import Privacy
from scorers.override_book import OverrideBook
from scorers.overrides import Overrides

TITLE = "Careerstream"


def create_app(
    *,
    gate: Gate,
    log: EventLog,
    seen: SeenMessages,
    store: ProfileStore,
    current: Current,
    archive: DecisionArchive,
    clock: Callable[[], int],
    behind: EventLog | None = None,
    outbox: Outbox | None = None,
    is_listed: Callable[[], bool] = lambda: True,
    replies: Replies | None = None,
    limits: Limits | None = None,
    budget_ms: int = DEFAULT_BUDGET_MS,
    longest_wait: float = DEFAULT_LONGEST_WAIT,
    least_members: int = 50,
    probes: Mapping[str, Probe] | None = None,
    metrics: Metrics | None = None,
    resources: Sequence[AbstractAsyncContextManager[object]] = (),
    site: Path | None = None,
    privacy: Privacy | None = None,
    document: bool = True,
    vault: Vault | None = None,
    erasures: Erasures | None = None,
    requests: Requests | None = None,
    addresses: Index | None = None,
    callbacks: Queue | None = None,
    sender: Sender | None = None,
    processor: Processor | None = None,
    consent_records: ConsentRecords | None = None,
    swept: Callable[[Retention], AbstractAsyncContextManager[None]] = lambda _: nullcontext(),
    enriching: Enriching | None = None,
    overrides: OverrideBook | None = None,
    appeals: AppealBook | None = None,
    reading: asyncio.Lock | None = None,
    version: str = "0",
) -> FastAPI:
    """Build the app; `resources` are entered in order before the first request and left in reverse after the last.

    `current` is what decisions are made with: its members may be swapped while the app runs. `behind` takes what is
    written after an answer, so that events need not queue with it; `outbox` keeps that while it is away, and `is_listed` says whether it
    is known by now who was erased. `site` is a folder of static files to serve at `/`.
    `least_members` is how many people a segment needs before it may leave the house. `document` says whether
    `/openapi.json` is answered: outside of development it helps those who look for holes. `erasures`, `overrides` and
    `appeals` are kept up to date by whoever hands them in; who changes the catalogue beside the app holds `reading`
    meanwhile. `processor` signs OpenDSR answers: without one none are given; `swept` has the sweep of what is past due
    made while the app runs.
    """
    metrics = metrics or Metrics()
    pressure = Pressure(target=longest_wait, metrics=metrics)
    overrides = overrides or OverrideBook()
    overrides.listen(partial(_decide_under, current))
    metrics.watch_model(lambda: current.model_problem)
    privacy = privacy or Privacy()
    erasures = Erasures() if erasures is None else erasures
    people, vault = People(store, erasures), vault or Vault(MemoryPersonalKeys(), new_master_keys())
    erasures.listen(lambda name, standing: vault.forget([name]) if standing.erased else None)
    book, requests = Addresses(addresses or MemoryIndex(), vault), requests or MemoryRequests()
    consent_records = consent_records or ConsentRecords(MemoryRecords(), new_master_keys(), privacy)
    partitions = Partitions(log)
    keeping = Keeping(outbox or MemoryOutbox(), erasures, is_listed, metrics)
    decision_log = DecisionLog(behind or log, partitions, metrics, clock, keeping=keeping)
    feed, engine = AppliedFeed(store), Engine(current)
    decider = Decider(
        store=store,
        people=people,
        feed=feed,
        engine=engine,
        partitions=partitions,
        new_id=decision_log.new_id,
        erasures=erasures,
    )
    collector = Collector(
        log=log,
        seen=seen,
        limits=limits or Limits(),
        metrics=metrics,
        clock=clock,
        privacy=privacy,
        consents=people.consents,
        heed=decider.heed,
        vault=vault,
        addresses=book,
        erasures=erasures,
        records=consent_records,
    )
    overriding = Overriding(log=log, book=overrides, policy=current.policy, clock=clock)
    appealing = Appeals(
        log=log, book=appeals or AppealBook(), vault=vault, overriding=overriding, collector=collector, clock=clock
    )
    metrics.watch_appeals(appealing.book, clock)
    implied = ImpliedEvents(collector)
    postings, served = Postings(current.catalog, reading=reading), ServedChoices(archive)
    erasure = Erasure(
        log=log,
        people=people,
        store=store,
        vault=vault,
        addresses=book,
        feed=feed,
        erasures=erasures,
        records=consent_records,
        clock=clock,
        forget=partial(forget, log, appealing.book),
    )
    subject_requests = SubjectRequests(
        processor=processor,
        controller=privacy.controller,
        requests=requests,
        erasure=erasure,
        erasures=erasures,
        addresses=book,
        vault=vault,
        clock=clock,
    )
    calling = Callbacks(
        requests=subject_requests,
        queue=callbacks or MemoryQueue(),
        sender=sender or NoSender(),
        clock=clock,
        on_given_up=metrics.callbacks_given_up.inc,
    )
    decisions = Decisions(
        decider=decider,
        engine=engine,
        postings=postings,
        log=decision_log,
        served=served,
        metrics=metrics,
        clock=clock,
        budget_ms=budget_ms,
        privacy=privacy,
    )

    retention = Retention(store=store, people=people, erasure=erasure, privacy=privacy, clock=clock)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for resource in (pressure, *resources, gate.rates, feed, partitions, decision_log, implied):
                await stack.enter_async_context(resource)
            await stack.enter_async_context(swept(retention))
            await stack.enter_async_context(calling.telling())
            yield

    app = FastAPI(
        title=TITLE,
        version=version,
        lifespan=running,
        openapi_url="/openapi.json" if document else None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.ports = Ports(
        gate=gate,
        log=log,
        collector=collector,
        decisions=decisions,
        implied=implied,
        replies=replies or Replies(),
        served=served,
        archive=archive,
        store=store,
        people=people,
        vault=vault,
        addresses=book,
        erasures=erasures,
        erasure=erasure,
        overriding=overriding,
        appeals=appealing,
        requests=requests,
        subject_requests=subject_requests,
        callbacks=calling,
        consent_records=consent_records,
        enriching=enriching,
        feed=feed,
        privacy=privacy,
        segments=Segments(store=store, people=people, engine=engine, least_members=least_members),
        engine=engine,
        postings=postings,
        catalog=current.catalog,
        metrics=metrics,
        probes=probes or {},
        clock=clock,
    )
    answer_errors(app)
    _add_routes(app)
    if site is not None:
        app.mount("/", Site(directory=site, html=True), name="site")
    app.add_middleware(Shortcut, handlers={"/v1/decide": decide_routes.decide, **collect_routes.HANDLERS})
    app.add_middleware(Shedding, pressure=pressure)
    app.add_middleware(CrossOrigin, keys=gate.keys)
    app.add_middleware(RequestLine, metrics=metrics)
    return app


def _decide_under(current: Current, overrides: Overrides) -> None:
    current.policy = replace(current.policy, overrides=overrides)


def openapi_document() -> dict[str, Any]:
    """Answer the OpenAPI document of all routes."""
    app = FastAPI(title=TITLE)
    _add_routes(app)
    return app.openapi()


def _add_routes(app: FastAPI) -> None:
    document_access(app)
    for routes in _ROUTES:
        check_routes(routes.router)
        app.include_router(routes.router)


_ROUTES = (
    decide_routes,
    collect_routes,
    visitor_routes,
    catalogue_routes,
    statistics_routes,
    consent_routes,
    enrichment_routes,
    rights_routes,
    opendsr_routes,
    profile_routes,
    override_routes,
    appeal_routes,
    operations_routes,
)
