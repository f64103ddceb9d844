"""Records that nobody can fold and a fold that has a bug: neither stops the others, and nothing of it is gone for good."""

import asyncio
import random
import time

import pytest

from schemas.messages import Message
from schemas.topics import CANDIDATE_TOPICS, Topic, TopicNames
from streams.dead_letters import REDRIVEN
from tests.e2e.running import command
from tests.faults.processes import WorkerProcess
from tests.streaming import Line, caught_up, differences, history, lines, poison, read_all, topics_of, write

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

TRIES_OF_A_RECORD = 3
ASKS_FOR_A_RESTART = 75
HEADERS = {"topic", "partition", "offset", "connector.name", "task.id", "stage", "class.name", "exception.class.name"}
KAFKA_LIMIT = 1_048_588
"""Bytes of a record batch, unless somebody raises it."""


async def test_a_bug_that_fails_on_one_event_costs_that_event_alone_and_a_redrive_brings_it_back_once(
    kafka, redis_url, names, store, tmp_path, seed
):
    messages = history(seed, 800)
    culprit = _unrepeated(messages, seed)
    with WorkerProcess(kafka.bootstrap, redis_url, names, tmp_path, fails_on=[culprit.message_id]) as worker:
        await write(kafka.bootstrap, names, lines(messages))
        folding = asyncio.create_task(caught_up(store, kafka.bootstrap, names))
        restarts = await _restarted_until(folding, worker)

    assert restarts <= TRIES_OF_A_RECORD
    assert await differences(store, [each for each in messages if each is not culprit]) == []
    (letter,) = await read_all(kafka.bootstrap, names.full(Topic.DEAD_LETTERS))
    headers = dict(letter.headers)
    assert headers["careerstream.reason"] == b"fold_failed"

    with WorkerProcess(kafka.bootstrap, redis_url, names, tmp_path):  # the bug is mended
        redriven = _redrive(kafka, names, "--reason", "fold_failed")
        await caught_up(store, kafka.bootstrap, names)
        again = _redrive(kafka, names, "--reason", "fold_failed")
        waiting = _redrive(kafka, names, "--reason", "fold_failed", "--dry-run")
        everything = _redrive(kafka, names)  # a place of its own: the same letter once more
        await caught_up(store, kafka.bootstrap, names)

    assert "1 driven in again" in redriven
    assert "0 driven in again" in again
    assert "no dead letter waits" in waiting
    assert "1 driven in again" in everything
    assert await differences(store, messages) == []
    back = [
        dict(record.headers)[REDRIVEN]
        for topic in CANDIDATE_TOPICS
        for record in await read_all(kafka.bootstrap, names.full(topic))
        if REDRIVEN in dict(record.headers)
    ]
    place = b":".join(headers[f"__connect.errors.{each}"] for each in ("topic", "partition", "offset"))
    assert back == [place, place]


async def test_poison_of_every_kind_and_size_ends_in_the_dead_letters_and_no_worker_ends(
    kafka, redis_url, prefix, store, tmp_path, seed, measured
):
    names = TopicNames(prefix.rstrip("."))
    candidates = {names.full(topic) for topic in CANDIDATE_TOPICS}
    topics = topics_of(names)
    kafka.create_topics({name: topics[name] for name in candidates}, max_message_bytes=str(4 * KAFKA_LIMIT))
    kafka.create_topics({name: topics[name] for name in topics.keys() - candidates})
    messages = history(seed, 1000)
    # The second fits into a topic as it is made by default; with the headers of a dead letter it does not any more.
    huge = [Line(Topic.CLICKS, b"u:x", b"\xff" * size, poison=True) for size in (2_000_000, KAFKA_LIMIT - 300)]
    log = [*lines(messages), *poison(seed, 30), *huge]
    random.Random(seed).shuffle(log)
    with WorkerProcess(kafka.bootstrap, redis_url, names, tmp_path) as worker:
        await asyncio.to_thread(worker.wait_for, "took_over")
        await write(kafka.bootstrap, names, log)
        written = time.monotonic()
        await caught_up(store, kafka.bootstrap, names)
        measured("F4", "lag is 0 again after poison", time.monotonic() - written, "s", 5)

        assert worker.running
        assert worker.said.count("took_over") == 1
    letters = await read_all(kafka.bootstrap, names.full(Topic.DEAD_LETTERS))
    assert len(letters) == sum(line.poison for line in log)
    for letter in letters:
        assert {name.removeprefix("__connect.errors.") for name, _ in letter.headers} >= HEADERS
    assert await differences(store, messages) == []


async def _restarted_until(done: asyncio.Task[None], worker: WorkerProcess) -> int:
    """Start the worker again whenever it asks for it, as a supervisor does; answer how often that was."""
    restarts = 0
    while not done.done():
        if not worker.running:
            assert worker.wait(1) == ASKS_FOR_A_RESTART
            restarts += 1
            worker.start()
        await asyncio.sleep(0.05)
    await done
    return restarts


def _unrepeated(messages: list[Message], seed: int) -> Message:
    once = [each for each in messages if messages.count(each) == 1]
    return random.Random(seed).choice(once)


def _redrive(kafka, names, *arguments):
    environment = {"CAREERSTREAM_KAFKA__BOOTSTRAP": kafka.bootstrap, "CAREERSTREAM_KAFKA__PREFIX": names.prefix}
    ended = command("redrive", *arguments, environment=environment)
    assert ended.returncode == 0, ended.stderr
    return ended.stderr
