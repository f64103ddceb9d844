"""The sentence for each server that can't be reached."""

import socket

import pytest

from careerstream.doors import kafka_problem, port_problem, redis_problem, without_password


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_port_in_use_is_named_with_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        problem = port_problem("127.0.0.1", taken.getsockname()[1])

    assert problem is not None
    assert "--port" in problem


def test_a_free_port_is_no_problem(free_port):
    assert port_problem("127.0.0.1", free_port) is None


async def test_a_dead_kafka_is_one_sentence(free_port):
    problem = await kafka_problem({"bootstrap_servers": f"127.0.0.1:{free_port}"})

    assert problem is not None
    assert f"no Kafka answers at 127.0.0.1:{free_port}" in problem


async def test_a_dead_redis_is_one_sentence_without_its_password(free_port):
    problem = await redis_problem(f"redis://me:s3cret@127.0.0.1:{free_port}/0", {})

    assert problem is not None
    assert f"127.0.0.1:{free_port}/0" in problem
    assert "s3cret" not in problem


async def test_a_url_of_another_kind_is_told_so():
    problem = await redis_problem("http://localhost", {})

    assert problem is not None
    assert "not a Redis URL" in problem


def test_a_url_without_password_stays_as_it_is():
    assert without_password("redis://localhost:6379/0") == "redis://localhost:6379/0"
