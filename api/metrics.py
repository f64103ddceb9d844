"""What this door counts and times, for Prometheus."""

import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Generic, Literal, Protocol, TypeVar, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from schemas.appeal import Outcome

MetricName = Literal[
    "careerstream_http_requests_total",  # answers by route and status
    "careerstream_http_seconds",  # time to the answer by route
    "careerstream_collect_seconds",  # time of a collect call by stage: parse, dedup, produce
    "careerstream_http_wait_seconds",  # how long calls wait before anybody looks at them
    "careerstream_collect_messages_total",  # messages by outcome: accepted, duplicate, rejected, withheld
    "careerstream_collect_traits_dropped_total",  # traits that are never kept
    "careerstream_collect_in_flight",  # collect calls in work
    "careerstream_decide_seconds",  # time of a decide call by stage: profile, score, answer
    "careerstream_decide_choices_total",  # choices by rung and source
    "careerstream_decide_degraded_total",  # decisions that could not reach the profile in time
    "careerstream_redis_doubted",  # 1 while it is not known whether this run of Redis has everything
    "careerstream_model_fallen",  # 1 while another model decides than was promoted
    "careerstream_sessions_remembered",  # sessions that session neighbours are found in
    "careerstream_sessions_age_seconds",  # seconds since the sessions were read to their end
    "careerstream_appeals",  # appeals by outcome: open, uphold, overturn, correct
    "careerstream_appeals_oldest_seconds",  # how long the oldest open appeal waits
    "careerstream_appeals_median_seconds",  # median time from an appeal to its outcome
    "careerstream_appeals_overturned_ratio",  # share of decided appeals that did not uphold the decision
    "careerstream_callbacks_given_up_total",  # OpenDSR callbacks that were not taken within three days
    "careerstream_decision_log_dropped_total",  # served decisions that found the log's queue full
    "careerstream_decision_log_unkept",  # served decisions that wait for Kafka in this process's memory alone
]
METRIC_NAMES: tuple[str, ...] = get_args(MetricName)
OUTCOMES: tuple[Outcome | None, ...] = (None, *get_args(Outcome))
CollectStage = Literal["parse", "dedup", "produce"]
DecideStage = Literal["profile", "score", "answer"]
_Stage = TypeVar("_Stage", bound=str)
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_STAGE_SECONDS = (0.00005, 0.0001, 0.0002, 0.0005, *_SECONDS)


class AppealBook(Protocol):
    """How appeals stand."""

    def count(self, outcome: Outcome | None) -> int: ...

    def open_seconds(self, now: int) -> float: ...

    def median_seconds(self) -> float: ...

    def overturned(self) -> float: ...


class Stopwatch(Generic[_Stage]):
    """Times what follows upon each other: every stage lasts from the end of the one before."""

    def __init__(self, stages: Mapping[_Stage, Histogram]) -> None:
        self._stages = stages
        self._at = time.perf_counter()

    def passed(self, stage: _Stage) -> None:
        """Note that a stage has come to its end."""
        now = time.perf_counter()
        self._stages[stage].observe(now - self._at)
        self._at = now


class Metrics:
    """All metrics of one app, on a registry of its own."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()

        def counter(name: MetricName, meaning: str, *labels: str) -> Counter:
            return Counter(name, meaning, labels, registry=self.registry)

        def seconds(name: MetricName, meaning: str, label: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(name, meaning, (label,), buckets=buckets, registry=self.registry)

        def gauge(name: MetricName, meaning: str) -> Gauge:
            return Gauge(name, meaning, registry=self.registry)

        requests = counter("careerstream_http_requests_total", "Answers.", "route", "status")
        answers = seconds("careerstream_http_seconds", "Time to the answer.", "route", _SECONDS)
        choices = counter("careerstream_decide_choices_total", "Choices.", "rung", "source")
        # Looking a child up by its labels takes as long as adding to it: both are done for each request.
        self.requests: Callable[[str, str], Counter] = cache(requests.labels)
        self.seconds: Callable[[str], Histogram] = cache(answers.labels)
        self.choices: Callable[[str, str], Counter] = cache(choices.labels)
        collect = seconds(
            "careerstream_collect_seconds",
            "Time of a collect call, by stage: parse, dedup, produce.",
            "stage",
            _STAGE_SECONDS,
        )
        decide = seconds(
            "careerstream_decide_seconds",
            "Time of a decide call, by stage: profile, score, answer.",
            "stage",
            _STAGE_SECONDS,
        )
        self.collecting: dict[CollectStage, Histogram] = {
            stage: collect.labels(stage) for stage in get_args(CollectStage)
        }
        self.deciding: dict[DecideStage, Histogram] = {stage: decide.labels(stage) for stage in get_args(DecideStage)}
        self.wait = Gauge(
            "careerstream_http_wait_seconds",
            "How late this process came to what was ready; only while it stays late are calls shed.",
            registry=self.registry,
        )
        self.messages = counter("careerstream_collect_messages_total", "Messages.", "outcome")
        self.traits_dropped = counter("careerstream_collect_traits_dropped_total", "Traits that are never kept.")
        self.in_flight = Gauge("careerstream_collect_in_flight", "Collect calls in work.", registry=self.registry)
        self.degraded = counter("careerstream_decide_degraded_total", "Decisions without the live profile.")
        self.model_fallen = Gauge(
            "careerstream_model_fallen", "1 while another model decides than was promoted.", registry=self.registry
        )
        self.redis_doubted = gauge(
            "careerstream_redis_doubted", "1 while it is not known whether this run of Redis has everything."
        )
        self.sessions = Gauge(
            "careerstream_sessions_remembered",
            "Sessions that session neighbours are found in.",
            registry=self.registry,
        )
        self.sessions_age = Gauge(
            "careerstream_sessions_age_seconds",
            "Seconds since the sessions were read to their end.",
            registry=self.registry,
        )
        self.appeals = Gauge(
            "careerstream_appeals",
            "Appeals by outcome: open, uphold, overturn, correct.",
            ["outcome"],
            registry=self.registry,
        )
        self.appeals_oldest = gauge("careerstream_appeals_oldest_seconds", "How long the oldest open appeal waits.")
        self.appeals_median = gauge("careerstream_appeals_median_seconds", "Median time from an appeal to its outcome.")
        self.appeals_overturned = gauge(
            "careerstream_appeals_overturned_ratio", "Share of decided appeals that did not uphold the decision."
        )
        self.callbacks_given_up = counter(
            "careerstream_callbacks_given_up_total", "OpenDSR callbacks that nobody took within three days."
        )
        self.decisions_dropped = counter("careerstream_decision_log_dropped_total", "Decisions that were not logged.")
        self.decisions_unkept = gauge(
            "careerstream_decision_log_unkept", "Decisions that wait for Kafka and are kept in this process alone."
        )

    def watch_model(self, problem: Callable[[], str | None]) -> None:
        """Ask for the model's problem whenever Prometheus asks."""
        self.model_fallen.set_function(lambda: problem() is not None)

    def watch_redis(self, doubt: Callable[[], str | None]) -> None:
        """Ask whether Redis is doubted whenever Prometheus asks."""
        self.redis_doubted.set_function(lambda: doubt() is not None)

    def watch_sessions(self, size: Callable[[], float], age: Callable[[], float]) -> None:
        """Ask how many sessions are remembered, and how old that is, whenever Prometheus asks."""
        self.sessions.set_function(size)
        self.sessions_age.set_function(age)

    def watch_appeals(self, book: AppealBook, clock: Callable[[], int]) -> None:
        """Ask for how appeals stand whenever Prometheus asks; all API processes say the same."""
        for outcome in OUTCOMES:
            self.appeals.labels(outcome or "open").set_function(partial(book.count, outcome))
        self.appeals_oldest.set_function(lambda: book.open_seconds(clock()))
        self.appeals_median.set_function(book.median_seconds)
        self.appeals_overturned.set_function(book.overturned)

    def page(self) -> bytes:
        """Answer the page that Prometheus reads."""
        return generate_latest(self.registry)
