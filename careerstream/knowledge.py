"""What a process that decides is told while it runs: postings, the model in charge, erasures, overrides, what others look at."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from careerstream.clock import wall_clock
from careerstream.models.registry import InUse, Serving
from careerstream.models.topic import RegistryFollower
from careerstream.parts import Configuration, segment_looks
from careerstream.statistics import StatisticsFollower
from careerstream.trails import TrailsFollower
from catalog.index import Catalog
from catalog.statistics import Figures
from deploy.embedded.broker import FOLLOW_MAX_WAIT_MS
from profiles.erasures import Erasures
from profiles.store import ProfileStore
from schemas.topics import Topic, TopicNames
from scorers.override_book import OverrideBook
from scorers.responses import Responses
from scorers.segment_trends import SegmentLooks
from scorers.sessions import Sessions
from streams.catalogue_follower import CatalogueFollower
from streams.list_follower import ListFollower


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known, each beside who keeps it up to date once entered or run.

    Whoever changes the catalogue, or has it read in a thread, holds `reading`.
    """

    catalog: Catalog
    postings: CatalogueFollower
    reading: asyncio.Lock
    serving: Serving
    models: RegistryFollower
    erasures: Erasures
    erased: ListFollower
    overrides: OverrideBook
    overridden: ListFollower
    sessions: Sessions
    looks: SegmentLooks
    trails: TrailsFollower
    statistics: StatisticsFollower


def know(
    *,
    kafka: Mapping[str, Any],
    names: TopicNames,
    store: ProfileStore,
    configuration: Configuration,
    catalog: Catalog,
    sessions: Sessions,
    on_model: Callable[[InUse], None],
    on_counted: Callable[[Figures, Responses], None] = lambda _figures, _responses: None,
) -> Knowledge:
    """Put together what is to be followed; nothing is read yet. `kafka` are aiokafka's client options."""
    reading, erasures, overrides = asyncio.Lock(), Erasures(), OverrideBook()
    serving, looks = Serving(configuration.policy.fit_share), segment_looks(configuration)
    return Knowledge(
        catalog=catalog,
        postings=CatalogueFollower(kafka, names, catalog, turn=reading),
        reading=reading,
        serving=serving,
        models=RegistryFollower(kafka, names, serving, on_model),
        erasures=erasures,
        erased=ListFollower(kafka, names, Topic.ERASURES, erasures),
        overrides=overrides,
        overridden=ListFollower(kafka, names, Topic.OVERRIDES, overrides),
        sessions=sessions,
        looks=looks,
        trails=TrailsFollower(store, sessions, looks, erasures),
        statistics=StatisticsFollower(store, catalog, wall_clock, reading=reading, on_read=on_counted),
    )


def following_options(kafka: Mapping[str, Any], *, embedded: bool) -> Mapping[str, Any]:
    """Answer the client options of who follows: the embedded broker is asked ten times a second, not two hundred."""
    return {**kafka, "fetch_max_wait_ms": FOLLOW_MAX_WAIT_MS} if embedded else kafka
