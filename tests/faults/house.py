"""The product's own processes, one API and some workers, on servers that a test breaks."""

import asyncio
import base64
import hashlib
import http.client
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from careerstream.loading import load_items
from careerstream.settings import PREFIX, KafkaSettings
from careerstream.topics import create_topics
from catalog.feeds import Accepted
from deploy.embedded.process import Process, free_port
from profiles.redis_store import RedisStore
from schemas.messages import MalformedMessage, Message, decode_message
from schemas.topics import CANDIDATE_TOPICS, TopicNames
from tests.faults.catalogue import postings
from tests.streaming import PARTITIONS, caught_up, differences, read_all

PUBLISHABLE, SECRET = "pk_faults", "sk_faults"
START_S = 240.0


class House:
    """Enter it to have it up and ready; `workers` and `api` are processes that a test may kill, freeze and start."""

    def __init__(
        self, folder: Path, *, bootstrap: str, redis_url: str, name: str, workers: int = 1, **settings: str
    ) -> None:
        self.folder = folder
        self.bootstrap = bootstrap
        self.names = TopicNames(name)
        self.port = free_port()
        self._redis_url = redis_url
        self._settings = settings
        folder.mkdir(parents=True, exist_ok=True)
        self.workers = [self._process(f"worker-{number}", "--number", str(number)) for number in range(workers)]
        self.api = self._process("api", "--port", str(self.port))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Answer the variables that point every command at this house."""
        keys = self.folder / "keys.yaml"
        keys.write_text(
            f"- {{source: site, publishable: {PUBLISHABLE}, origins: ['*']}}\n"
            f"- {{source: server, secret_sha256: {hashlib.sha256(SECRET.encode()).hexdigest()}}}\n"
        )
        settings = {
            "KAFKA__BOOTSTRAP": self.bootstrap,
            "KAFKA__PREFIX": self.names.prefix,
            "REDIS__URL": self._redis_url,
            "REDIS__NAMESPACE": self.names.prefix,
            "WORKER__GROUP": self.names.prefix,
            "WORKER__SESSION_TIMEOUT": "6",
            "API__KEYS_FILE": str(keys),
            "PRIVACY__MASTER_KEYS": f"k1:{base64.b64encode(bytes(32)).decode()}",
            **self._settings,
        }
        return {f"{PREFIX}{name}": value for name, value in settings.items()}

    @asynccontextmanager
    async def store(self, url: str | None = None) -> AsyncIterator[RedisStore]:
        """Answer a store that sees what the workers keep; `url` is another way to the same Redis."""
        store = RedisStore.open(url or self._redis_url, self.names.prefix)
        try:
            yield store
        finally:
            await store.close()

    def start(self) -> Self:
        for process in (*self.workers, self.api):
            process.start(ready=lambda: True, deadline_s=START_S)
        self.await_ready()
        return self

    def await_ready(self, patience: float = START_S) -> float:
        """Wait until `/readyz` says so; answer the seconds that took."""
        since = time.monotonic()
        while not self.is_ready():
            assert time.monotonic() < since + patience, f"not ready after {patience:.0f} s:\n{self.said()}"
            assert self.api.is_running(), f"the API ended:\n{self.said()}"
            time.sleep(0.05)
        return time.monotonic() - since

    def connection(self) -> http.client.HTTPConnection:
        """Answer a new connection to the API, for whoever closes it."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=30) as answer:  # noqa: S310  # a loopback address of our own
                return bool(answer.status == 200)
        except OSError:
            return False

    def unready(self) -> dict[str, Any]:
        """Answer what `/readyz` says is missing; it must not be ready."""
        with closing(self.connection()) as connection:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            body: dict[str, Any] = orjson.loads(answer.read())
        assert answer.status == 503, body
        return body

    def restart_ended_workers(self) -> int:
        """Start what has ended, as a supervisor does; answer how many that were."""
        ended = [each for each in self.workers if not each.is_running()]
        for each in ended:
            each.start(ready=lambda: True, deadline_s=START_S)
        return len(ended)

    def count(self, words: str, *, by: Sequence[Process] | None = None) -> int:
        """Answer how often processes have said something; the workers, unless others are named."""
        asked = self.workers if by is None else by
        return sum(each.log.read_text(errors="replace").count(words) for each in asked if each.log.exists())

    def await_said(self, words: str, *, by: Sequence[Process] | None = None, patience: float = 240) -> None:
        """Wait until one of them has said something."""
        until = time.monotonic() + patience
        while not self.count(words, by=by):
            assert time.monotonic() < until, f"{words!r} was not said:\n{self.said()}"
            time.sleep(0.02)

    def said(self) -> str:
        return "\n".join(f"{log.name}:\n{log.read_text(errors='replace')[-2000:]}" for log in self.folder.glob("*.log"))

    async def caught_up(self, store: RedisStore, *, patience: float = 240) -> None:
        await caught_up(store, self.bootstrap, self.names, patience=patience)

    async def messages(self) -> list[Message]:
        """Answer what lies on the candidate topics and can be read, each message once."""
        found: dict[str, Message] = {}
        for topic in CANDIDATE_TOPICS:
            for record in await read_all(self.bootstrap, self.names.full(topic)):
                try:
                    message = decode_message(record.value or b"")
                except MalformedMessage:
                    continue
                found.setdefault(message.message_id, message)
        return list(found.values())

    async def faults_in_profiles(
        self, store: RedisStore, acknowledged: set[str], *, patience: float = 240
    ) -> list[str]:
        """Wait for the workers to catch up; answer what was acknowledged and lost, and what the profiles have wrong."""
        await caught_up(store, self.bootstrap, self.names, patience=patience)
        messages = await self.messages()
        lost = acknowledged - {each.message_id for each in messages}
        return [*(f"acknowledged and lost: {each}" for each in sorted(lost)[:3]), *await differences(store, messages)]

    def _process(self, name: str, *arguments: str) -> Process:
        verb = name.partition("-")[0]
        command = [sys.executable, "-m", "careerstream", verb, *arguments]
        return Process(name, command, log=self.folder / f"{name}.log", env=self.environment)

    async def _prepare(self) -> None:
        """Make the topics and load the catalogue."""
        settings = KafkaSettings(bootstrap=self.bootstrap, prefix=self.names.prefix, partitions=PARTITIONS)
        client_options = settings.client_options(self.bootstrap)
        await create_topics(settings, client_options)
        await load_items(
            (Accepted(item=item, line=number) for number, item in enumerate(postings(), 1)),
            client_options=client_options,
            names=self.names,
            on_refused=lambda _: None,
            on_progress=lambda _: None,
        )

    def __enter__(self) -> Self:
        with ThreadPoolExecutor(1) as beside:  # whoever enters may run in a loop already
            beside.submit(asyncio.run, self._prepare()).result()
        try:
            return self.start()
        except BaseException:
            self._kill()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kill()

    def _kill(self) -> None:
        for process in (self.api, *self.workers):
            process.kill()
