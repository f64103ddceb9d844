"""Redis refuses, is slow or swallows everything: the stream waits, no batch is half done, and decisions go on on a lower rung."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import redis as client

from tests.faults.house import House
from tests.faults.prober import Prober
from tests.faults.traffic import Traffic
from tests.servers.proxy import Proxy
from tests.servers.redis import RedisServer
from tests.streaming import history

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

A_SECOND = 100


@dataclass
class Broken:
    """A house whose Redis stands behind a network that can fail."""

    house: House
    redis: RedisServer
    proxy: Proxy
    _starting: threading.Thread = field(default_factory=threading.Thread)

    def configure(self, name: str, value: str) -> None:
        with client.Redis.from_url(self.redis.url) as admin:
            admin.config_set(name, value)

    def replica_of(self, host: str, port: str) -> None:
        with client.Redis.from_url(self.redis.url) as admin:
            admin.execute_command("REPLICAOF", host, port)

    def load_slowly(self) -> None:
        """Restart it, and let it take 0.7 ms for each command that it reads back."""
        self.redis.stop()
        self._starting = threading.Thread(target=self.redis.start, args=("--key-load-delay", "700"))
        self._starting.start()

    def finish_loading(self) -> None:
        self._starting.join(60)
        self.configure("key-load-delay", "0")


@pytest.fixture(scope="module")
def broken(kafka, tmp_path_factory) -> Iterator[Broken]:
    folder = tmp_path_factory.mktemp("unwilling")
    with RedisServer(folder / "redis") as redis, Proxy(redis.port) as proxy:
        url = f"redis://127.0.0.1:{proxy.port}/0"
        house = House(folder, bootstrap=kafka.bootstrap, redis_url=url, name=folder.name)
        with house:
            broken = Broken(house, redis, proxy)
            broken.configure("appendfsync", "everysec")  # as in production
            yield broken


def _start(broken: Broken) -> None:
    broken.redis.start()


FAULTS: dict[str, tuple[Callable[[Broken], None], Callable[[Broken], None]]] = {
    "READONLY": (lambda it: it.replica_of("127.0.0.1", "1"), lambda it: it.replica_of("NO", "ONE")),
    "OOM": (lambda it: it.configure("maxmemory", "1"), lambda it: it.configure("maxmemory", "0")),
    "NOREPLICAS": (
        lambda it: it.configure("min-replicas-to-write", "1"),
        lambda it: it.configure("min-replicas-to-write", "0"),
    ),
    "LOADING": (lambda it: it.load_slowly(), lambda it: it.finish_loading()),
    "200 ms late": (lambda it: it.proxy.slow(0.2), lambda it: it.proxy.open()),
    "a black hole": (lambda it: it.proxy.hold(), lambda it: it.proxy.open()),
    "refused connections": (lambda it: it.proxy.close(), lambda it: it.proxy.open()),
    "a restart": (lambda it: it.redis.stop(), _start),
    "a kill": (lambda it: it.redis.kill(), _start),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_redis_that_is_unwilling_costs_neither_events_nor_answers(broken, fault, seed, long, measured):
    breaks, heals = FAULTS[fault]
    number = "F8" if fault in ("a restart", "a kill") else "F10"
    house = broken.house
    store_away, took_over = house.count("store_away"), house.count("took_over")
    number_of_fault = seed * 100 + list(FAULTS).index(fault)
    # Of others each time: while Redis is away the edge lets copies through, and they count again behind a ring of newer events.
    messages = history(number_of_fault, 1000 if long else 250, crowd=f"{number_of_fault}-")
    async with house.store(broken.redis.url) as store:
        with Prober(house) as prober, Traffic(house, messages, a_second=A_SECOND) as traffic:
            await asyncio.sleep(0.5)
            degraded = prober.heard.degraded
            await asyncio.to_thread(breaks, broken)
            async with asyncio.timeout(120):
                while not (house.count("store_away") > store_away or prober.heard.degraded > degraded):
                    await asyncio.sleep(0.02)
            await asyncio.sleep(8 if long else 1)
            await asyncio.to_thread(heals, broken)
            healed = time.monotonic()
            await asyncio.to_thread(prober.await_undegraded)
            await house.caught_up(store)
            measured(number, f"{fault}: everything as before", time.monotonic() - healed, "s", 5)
            await asyncio.to_thread(traffic.wait)

        assert await house.faults_in_profiles(store, traffic.acknowledged) == []
    assert house.restart_ended_workers() == 0
    assert house.count("took_over") == took_over
    assert house.count("NOSCRIPT", by=[house.api, *house.workers]) == 0
    measured(number, f"{fault}: the slowest decision past its budget by", prober.heard.over_the_budget(), "ms", 20)
