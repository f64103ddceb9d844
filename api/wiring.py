"""Who works with whom behind the routes: made once, from what the roof handed in."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from api.addresses import Addresses
from api.appeals import Appeals, forget
from api.callbacks import Callbacks
from api.collect import Collector
from api.consent_records import ConsentRecords, MemoryRecords
from api.decide import Decisions
from api.decider import Decider
from api.decision_log import DecisionLog
from api.engine import Current, Engine
from api.erasure import Erasure
from api.given import Given
from api.implied import ImpliedEvents
from api.keeping import Keeping
from api.last_good import LastGood
from api.master_keys import new_master_keys
from api.opendsr import SubjectRequests
from api.overriding import Overriding
from api.partition import Partitions
from api.people import People
from api.postings import Postings
from api.retention import Retention
from api.segments import Segments
from api.served import ServedChoices
from api.shedding import Pressure
from api.state import Ports
from profiles.feed import AppliedFeed
from scorers.overrides import Overrides


@dataclass(frozen=True, slots=True)
class Wired:
    """What the routes may ask, and what runs while they are answered."""

    ports: Ports
    pressure: Pressure
    _deciding: "_Deciding"
    _rights: "_Rights"
    _given: Given

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run what runs beside the routes, in the order in which one needs the other."""
        given, ports = self._given, self.ports
        async with AsyncExitStack() as stack:
            for resource in (
                self.pressure,
                *given.resources,
                given.gate.rates,
                ports.feed,
                self._deciding.partitions,
                self._deciding.log,
                ports.implied,
            ):
                await stack.enter_async_context(resource)
            await stack.enter_async_context(given.swept(self._rights.retention))
            await stack.enter_async_context(self._rights.callbacks.telling())
            yield


@dataclass(frozen=True, slots=True)
class _Common:
    """What deciding, collecting and a candidate's rights share."""

    people: People
    feed: AppliedFeed
    last_good: LastGood
    addresses: Addresses
    consent_records: ConsentRecords


@dataclass(frozen=True, slots=True)
class _Deciding:
    engine: Engine
    postings: Postings
    served: ServedChoices
    partitions: Partitions
    log: DecisionLog
    decider: Decider
    decisions: Decisions


@dataclass(frozen=True, slots=True)
class _Entrance:
    """What lets in events, overrides and appeals."""

    collector: Collector
    overriding: Overriding
    appeals: Appeals


@dataclass(frozen=True, slots=True)
class _Rights:
    erasure: Erasure
    retention: Retention
    requests: SubjectRequests
    callbacks: Callbacks


def wire(given: Given) -> Wired:
    """Make everything that the routes may ask."""
    given.overrides.listen(partial(_decide_under, given.current))
    given.metrics.watch_model(lambda: given.current.model_problem)
    given.erasures.listen(lambda name, standing: given.vault.forget([name]) if standing.erased else None)
    common = _common(given)
    deciding, rights = _deciding(given, common), _rights(given, common)
    entrance = _entrance(given, common, deciding.decider)
    pressure = Pressure(target=given.longest_wait, metrics=given.metrics)
    return Wired(_ports(given, common, deciding, entrance, rights), pressure, deciding, rights, given)


def _decide_under(current: Current, overrides: Overrides) -> None:
    current.policy = replace(current.policy, overrides=overrides)


def _common(given: Given) -> _Common:
    people, addresses = People(given.store, given.erasures), Addresses(given.addresses, given.vault)
    records = given.consent_records or ConsentRecords(MemoryRecords(), new_master_keys(), given.privacy)
    last_good = LastGood()
    return _Common(people, AppliedFeed(given.store, last_good.heed), last_good, addresses, records)


def _deciding(given: Given, common: _Common) -> _Deciding:
    partitions = Partitions(given.log)
    keeping = Keeping(given.outbox, given.erasures, given.is_listed, given.metrics)
    log = DecisionLog(given.behind or given.log, partitions, given.metrics, given.clock, keeping=keeping)
    engine, postings = Engine(given.current), Postings(given.current.catalog, reading=given.reading)
    served = ServedChoices(given.archive)
    decider = Decider(
        store=given.store,
        people=common.people,
        feed=common.feed,
        engine=engine,
        partitions=partitions,
        new_id=log.new_id,
        erasures=given.erasures,
        undecided=given.undecided,
        last_good=common.last_good,
    )
    decisions = Decisions(
        decider=decider,
        engine=engine,
        postings=postings,
        log=log,
        served=served,
        metrics=given.metrics,
        clock=given.clock,
        budget_ms=given.budget_ms,
        privacy=given.privacy,
    )
    return _Deciding(engine, postings, served, partitions, log, decider, decisions)


def _entrance(given: Given, common: _Common, decider: Decider) -> _Entrance:
    collector = Collector(
        log=given.log,
        seen=given.seen,
        limits=given.limits,
        metrics=given.metrics,
        clock=given.clock,
        privacy=given.privacy,
        consents=common.people.consents,
        heed=decider.heed,
        vault=given.vault,
        addresses=common.addresses,
        erasures=given.erasures,
        records=common.consent_records,
    )
    overriding = Overriding(log=given.log, book=given.overrides, policy=given.current.policy, clock=given.clock)
    appeals = Appeals(
        log=given.log,
        book=given.appeals,
        vault=given.vault,
        overriding=overriding,
        collector=collector,
        clock=given.clock,
    )
    given.metrics.watch_appeals(appeals.book, given.clock)
    return _Entrance(collector, overriding, appeals)


def _rights(given: Given, common: _Common) -> _Rights:
    erasure = Erasure(
        log=given.log,
        people=common.people,
        store=given.store,
        vault=given.vault,
        addresses=common.addresses,
        feed=common.feed,
        erasures=given.erasures,
        records=common.consent_records,
        clock=given.clock,
        forget=partial(forget, given.log, given.appeals),
    )
    requests = SubjectRequests(
        processor=given.processor,
        controller=given.privacy.controller,
        requests=given.requests,
        erasure=erasure,
        erasures=given.erasures,
        addresses=common.addresses,
        vault=given.vault,
        clock=given.clock,
    )
    callbacks = Callbacks(
        requests=requests,
        queue=given.callbacks,
        sender=given.sender,
        clock=given.clock,
        on_given_up=given.metrics.callbacks_given_up.inc,
    )
    retention = Retention(
        store=given.store, people=common.people, erasure=erasure, privacy=given.privacy, clock=given.clock
    )
    return _Rights(erasure, retention, requests, callbacks)


def _ports(given: Given, common: _Common, deciding: _Deciding, entrance: _Entrance, rights: _Rights) -> Ports:
    segments = Segments(
        store=given.store, people=common.people, engine=deciding.engine, least_members=given.least_members
    )
    return Ports(
        gate=given.gate,
        log=given.log,
        collector=entrance.collector,
        decisions=deciding.decisions,
        implied=ImpliedEvents(entrance.collector),
        replies=given.replies,
        served=deciding.served,
        archive=given.archive,
        store=given.store,
        people=common.people,
        vault=given.vault,
        addresses=common.addresses,
        erasures=given.erasures,
        erasure=rights.erasure,
        overriding=entrance.overriding,
        appeals=entrance.appeals,
        requests=given.requests,
        subject_requests=rights.requests,
        callbacks=rights.callbacks,
        consent_records=common.consent_records,
        enriching=given.enriching,
        feed=common.feed,
        privacy=given.privacy,
        segments=segments,
        engine=deciding.engine,
        postings=deciding.postings,
        catalog=given.current.catalog,
        metrics=given.metrics,
        probes=given.probes,
        clock=given.clock,
    )
