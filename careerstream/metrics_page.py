"""A process's own page for Prometheus."""

from prometheus_client import start_http_server

from careerstream.errors import Stopped


def serve_metrics(port: int, *, named_by: str) -> None:
    """Serve the page beside the process's work; Stopped when the port cannot be had: the option or setting may name another."""
    try:
        start_http_server(port)
    except OSError as error:
        raise Stopped(
            f"port {port} for metrics can't be had: {error.strerror}; name another one by {named_by}"
        ) from error
