"""What workers and the webhooks process tell Prometheus; docs/reference/metrics.md explains each name."""

import time
from collections.abc import Callable, Iterable

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

from careerstream.models.registry import InUse
from scorers.pipeline import STAGE_NAMES
from streams.batch import Effect
from streams.notices import Notice

_STAGE_SECONDS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class WorkerMeasures:
    """Counters and histograms of one worker process."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._records = Counter(
            "careerstream_records_folded", "Records taken off the candidate topics", registry=registry
        )
        self._refused = Counter("careerstream_records_refused", "Records sent to the dead letters", registry=registry)
        self._withheld = Counter(
            "careerstream_records_withheld", "Records not folded, for nobody consented to it", registry=registry
        )
        self._people = Counter("careerstream_people_decided", "Candidate ids decided for", registry=registry)
        self._stages = Histogram(
            "careerstream_batch_seconds",
            "Time of committing a batch, and of deciding for a slice of people",
            ["stage"],
            buckets=_SECONDS,
            registry=registry,
        )
        deciding = Histogram(
            "careerstream_deciding_seconds",
            "Time of deciding for up to 64 people at once, by stage",
            ["stage"],
            buckets=_STAGE_SECONDS,
            registry=registry,
        )
        self._deciding = {stage: deciding.labels(stage) for stage in STAGE_NAMES}
        self._model = Gauge("careerstream_model_in_use", "1 for the model that decides", ["model"], registry=registry)
        self._fallen = Gauge(
            "careerstream_model_fallen", "1 while another model decides than was promoted", registry=registry
        )

        self._sessions = Gauge(
            "careerstream_sessions_remembered", "Sessions that session neighbours are found in", registry=registry
        )
        self._sessions_age = Gauge(
            "careerstream_sessions_age_seconds", "Seconds since the sessions were read to their end", registry=registry
        )

    def watch_sessions(self, size: Callable[[], float], age: Callable[[], float]) -> None:
        """Ask how many sessions are remembered, and how old that is, whenever Prometheus asks."""
        self._sessions.set_function(size)
        self._sessions_age.set_function(age)

    def stopwatch(self) -> Callable[[str], None]:
        """Answer whom to tell that a stage of deciding has ended: the time since the last one was its own."""
        last = time.perf_counter()

        def lap(stage: str) -> None:
            nonlocal last
            now = time.perf_counter()
            self._deciding[stage].observe(now - last)
            last = now

        return lap

    def model(self, use: InUse) -> None:
        """Note which model decides from now on."""
        self._model.clear()
        self._model.labels(use.champion.name).set(1)
        self._fallen.set(use.problem is not None)

    def folded(self, effect: Effect, seconds: float) -> None:
        """Note that a batch was committed."""
        self._records.inc(effect.records)
        self._refused.inc(effect.refused)
        self._withheld.inc(effect.withheld)
        self._stages.labels("commit").observe(seconds)

    def decided(self, effect: Effect, seconds: float) -> None:
        """Note that a slice of those in line was decided for."""
        self._people.inc(len(effect.touched))
        self._stages.labels("decide").observe(seconds)


class WebhookMeasures:
    """Counters of the process that tells webhooks; `known` are webhooks with the kinds of notices that they want."""

    def __init__(self, known: Iterable[tuple[str, str]] = (), registry: CollectorRegistry = REGISTRY) -> None:
        self._given_up = Counter(
            "careerstream_notices_given_up",
            "Notices that a webhook did not take",
            ["webhook", "kind"],
            registry=registry,
        )
        # From 0 on, so that the first one is seen as an increase.
        for labels in known:
            self._given_up.labels(*labels)

    def given_up(self, webhook: str, notice: Notice) -> None:
        """Note that a webhook was not told."""
        self._given_up.labels(webhook, notice.kind).inc()
