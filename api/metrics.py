"""What this door counts and times, for Prometheus."""

from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

MetricName = Literal[
    "careerstream_http_requests_total",  # answers by route and status
    "careerstream_http_seconds",  # time to the answer by route
    "careerstream_collect_messages_total",  # messages by outcome: accepted, duplicate, rejected, withheld
    "careerstream_collect_traits_dropped_total",  # traits that are never kept
    "careerstream_collect_in_flight",  # collect calls in work
    "careerstream_decide_choices_total",  # choices by rung and source
    "careerstream_decide_degraded_total",  # decisions that could not reach the profile in time
    "careerstream_decision_log_dropped_total",  # served decisions that found the log's queue full
]
METRIC_NAMES: tuple[str, ...] = get_args(MetricName)
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """All metrics of one app, on a registry of its own."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()

        def counter(name: MetricName, meaning: str, *labels: str) -> Counter:
            return Counter(name, meaning, labels, registry=self.registry)

        self.requests = counter("careerstream_http_requests_total", "Answers.", "route", "status")
        self.seconds = Histogram(
            "careerstream_http_seconds", "Time to the answer.", ("route",), buckets=_SECONDS, registry=self.registry
        )
        self.messages = counter("careerstream_collect_messages_total", "Messages.", "outcome")
        self.traits_dropped = counter("careerstream_collect_traits_dropped_total", "Traits that are never kept.")
        self.in_flight = Gauge("careerstream_collect_in_flight", "Collect calls in work.", registry=self.registry)
        self.choices = counter("careerstream_decide_choices_total", "Choices.", "rung", "source")
        self.degraded = counter("careerstream_decide_degraded_total", "Decisions without the live profile.")
        self.decisions_dropped = counter("careerstream_decision_log_dropped_total", "Decisions that were not logged.")

    def page(self) -> bytes:
        """Answer the page that Prometheus reads."""
        return generate_latest(self.registry)
