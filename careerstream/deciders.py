"""What decides in an agent process: the pipeline with catalogue, policy and model in place."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from careerstream.clock import wall_clock
from careerstream.models.registry import Serving
from careerstream.parts import Configuration, segment_looks
from catalog.index import Catalog
from profiles.erasures import Erasures
from profiles.store import ProfileStore
from schemas.chain import Chains
from schemas.decision import Decision, Evidence, Recall
from schemas.messages import CandidateId
from schemas.partitions import partition_of
from schemas.topics import Topic, TopicNames
from scorers.affinity import affinities
from scorers.models import Model
from scorers.override_book import OverrideBook
from scorers.pipeline import Lap, decide, unheard
from scorers.query import Query
from scorers.responses import NO_RESPONSES, Responses
from scorers.segment_trends import SegmentLooks
from scorers.sessions import Sessions
from scorers.shadow import shadowed
from scorers.trends import Trends
from streams.deciding import Deciding
from streams.judging import Bench
from streams.outgoing import DecisionLog
from streams.precedence import Precedence
from streams.sink import Sink

FEW = 16
"""People of a batch that gives way to folding; larger ones are a backlog's, and something is always being folded then."""


async def build_deciding(
    *,
    store: ProfileStore,
    sink: Sink,
    names: TopicNames,
    catalog: Catalog,
    configuration: Configuration,
    serving: Serving,
    erasures: Erasures,
    overrides: OverrideBook,
    sessions: Sessions | None = None,
    looks: SegmentLooks | None = None,
    responses: Callable[[], Responses] = lambda: NO_RESPONSES,
    stopwatch: Callable[[], Lap] = lambda: unheard,
    reading: asyncio.Lock | None = None,
    precedence: Precedence | None = None,
) -> Deciding:
    """Answer what decides for whole batches, by whichever model serves when it is asked.

    Decisions are made in a thread: whoever changes the catalogue meanwhile holds `reading`; those for a few people give way to what takes
    `precedence`.
    """
    give_way = (precedence or Precedence()).give_way

    def judge(queries: Sequence[Query], trends: Trends, now: int) -> list[tuple[Decision, Recall]]:
        model, policy = serving.now.champion, replace(configuration.policy, overrides=overrides.now)
        told = stopwatch()

        def lap(stage: str) -> None:
            told(stage)
            if len(queries) <= FEW:
                give_way()

        decided = decide(
            queries,
            catalog=catalog,
            policy=policy,
            model=model,
            trends=trends,
            now=now,
            sessions=sessions,
            responses=responses(),
            lap=lap,
        )
        challenger = serving.now.challenger
        if challenger is None:
            return decided
        return [(decision, partial(_beside, recall, challenger)) for decision, recall in decided]

    partitions = await sink.partitions(names.full(Topic.DECISIONS))
    return Deciding(
        store=store,
        sink=sink,
        names=names,
        bench=Bench(
            judge=judge,
            affinities=lambda candidate, now: affinities(candidate, catalog, now),
            rules=configuration.segments,
            new_id=_new_id(partitions),
            reading=reading,
        ),
        clock=wall_clock,
        erasures=erasures,
        looks=looks or segment_looks(configuration),
        decision_log=DecisionLog(
            names.full(Topic.DECISIONS),
            chains=Chains(lambda key: partition_of(key, partitions), lambda: f"worker-{secrets.token_hex(8)}"),
            anchors=names.full(Topic.ANCHORS),
        ),
    )


def _beside(recall: Recall, challenger: Model) -> Evidence:
    return shadowed(recall(), challenger)


def _new_id(partitions: int) -> Callable[[CandidateId, int], str]:
    def new_id(candidate: CandidateId, now: int) -> str:
        return f"{partition_of(candidate.encode(), partitions):03x}-{now:012x}-{secrets.token_hex(6)}"

    return new_id
