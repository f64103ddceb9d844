"""librdkafka's mock cluster: a Kafka broker in memory, inside this process, on a real socket.

`confluent-kafka` carries librdkafka and lets Python start a mock cluster by the setting `test.mock.num.brokers`, but
then every topic has four partitions and every consumer group waits three seconds before it starts. The C functions that
set these are exported by the same library, so they are called here by `ctypes`. Their header calls them experimental;
the tests of this file would say so first.
"""

import ctypes
from ctypes import c_char_p, c_int, c_size_t, c_void_p

from confluent_kafka import cimpl

# Long enough for the members of a group that start together to be counted together.
GROUP_SETTLES_MS = 50

_FUNCTIONS = {
    "rd_kafka_conf_new": (c_void_p, ()),
    "rd_kafka_conf_set": (c_int, (c_void_p, c_char_p, c_char_p, c_char_p, c_size_t)),
    "rd_kafka_new": (c_void_p, (c_int, c_void_p, c_char_p, c_size_t)),
    "rd_kafka_mock_cluster_new": (c_void_p, (c_void_p, c_int)),
    "rd_kafka_mock_cluster_bootstraps": (c_char_p, (c_void_p,)),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, (c_void_p, c_int)),
    "rd_kafka_mock_topic_create": (c_int, (c_void_p, c_char_p, c_int, c_int)),
}
_PRODUCER = 0
_BROKERS = 1
_TOPIC_ALREADY_EXISTS = 36
_WARNING = b"4"
_MESSAGE_SIZE = 512


class MockClusterRefused(RuntimeError):
    """librdkafka answered an error."""


class MockCluster:
    """One broker. It lives as long as the process that made it."""

    def __init__(self) -> None:
        self._library = _librdkafka()
        self._cluster = self._library.rd_kafka_mock_cluster_new(_client(self._library), _BROKERS)
        if not self._cluster:
            raise MockClusterRefused("librdkafka could not start its mock cluster.")
        self._library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, GROUP_SETTLES_MS)

    @property
    def bootstrap(self) -> str:
        bootstraps: bytes = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster)
        return bootstraps.decode()

    def create_topic(self, name: str, *, partitions: int) -> None:
        """A topic that exists keeps the partitions it has."""
        error = self._library.rd_kafka_mock_topic_create(self._cluster, name.encode(), partitions, _BROKERS)
        if error not in (0, _TOPIC_ALREADY_EXISTS):
            raise MockClusterRefused(f"librdkafka refused topic {name!r} with {partitions} partitions (error {error}).")


def _librdkafka() -> ctypes.CDLL:
    # Looking up a symbol in the extension module finds it in the library that the module is linked with, wherever the
    # wheel, or a distribution's package, keeps that.
    library = ctypes.CDLL(cimpl.__file__)
    for name, (answer, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = answer, arguments
    return library


def _client(library: ctypes.CDLL) -> int:
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    settings = library.rd_kafka_conf_new()
    # At its usual level it would remark that this client has no servers of its own.
    library.rd_kafka_conf_set(settings, b"log_level", _WARNING, message, _MESSAGE_SIZE)
    client: int | None = library.rd_kafka_new(_PRODUCER, settings, message, _MESSAGE_SIZE)
    if client is None:
        raise MockClusterRefused(f"librdkafka could not start: {message.value.decode()}")
    return client
