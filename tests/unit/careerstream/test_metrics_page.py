import socket

import pytest

from careerstream.errors import Stopped
from careerstream.metrics_page import serve_metrics


def test_a_taken_port_for_metrics_is_one_sentence_that_says_where_to_name_another():
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))  # noqa: S104  # where Prometheus' page would stand
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(Stopped, match=rf"port {port} .* in use; name another one by --port"):
            serve_metrics(port, named_by="--port")
