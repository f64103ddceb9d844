"""What `careerstream watch` tells Prometheus; docs/reference/metrics.md explains each name."""

from prometheus_client import REGISTRY, CollectorRegistry, Gauge

from learning.drift import Drift


class LearningMeasures:
    """Gauges of the newest look."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(name, meaning, labels, registry=registry)

        self._psi = gauge("careerstream_drift_psi", "Population stability index since training, by column", "column")
        self._ks = gauge(
            "careerstream_drift_ks", "Largest distance of cumulative shares since training, by column", "column"
        )
        self._calibration = gauge("careerstream_calibration_ratio", "Responses over expected responses in the window")
        self._responses = gauge(
            "careerstream_response_rate", "Share of shown postings that were responded to in the window"
        )
        self._ndcg = gauge("careerstream_live_ndcg", "nDCG@10 of the model on the lists of the window")
        self._confidence = gauge(
            "careerstream_model_confidence", "1 for a model as it was trained; below the limit the prior decides"
        )
        self._rows = gauge("careerstream_watched_rows", "Shown postings in the window")

    def note(self, drift: Drift) -> None:
        for name, apart in drift.columns.items():
            self._psi.labels(name).set(apart.psi)
            self._ks.labels(name).set(apart.ks)
        self._calibration.set(drift.calibration.value)
        self._responses.set(drift.responses.value)
        self._ndcg.set(drift.ndcg.value)
        self._confidence.set(drift.confidence)
        self._rows.set(drift.rows)
