"""What a worker tells Prometheus; docs/reference/metrics.md explains each name."""

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

from careerstream.models.registry import InUse
from streams.batch import Effect

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
            "Time of one batch, by stage",
            ["stage"],
            buckets=_SECONDS,
            registry=registry,
        )

        self._model = Gauge("careerstream_model_in_use", "1 for the model that decides", ["model"], registry=registry)
        self._fallen = Gauge(
            "careerstream_model_fallen", "1 while another model decides than was promoted", registry=registry
        )

    def model(self, use: InUse) -> None:
        """Note which model decides from now on."""
        self._model.clear()
        self._model.labels(use.champion.name).set(1)
        self._fallen.set(use.problem is not None)

    def batch(self, effect: Effect, committed: float, decided: float) -> None:
        """Note one batch: `committed` and `decided` are seconds since it began."""
        self._records.inc(effect.records)
        self._refused.inc(effect.refused)
        self._withheld.inc(effect.withheld)
        self._people.inc(len(effect.touched))
        self._stages.labels("commit").observe(committed)
        self._stages.labels("decide").observe(decided - committed)
