"""Many ask over one connection, and everybody gets their own answer."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from profiles.redis_layout import command_bytes
from profiles.redis_line import Line


@pytest.fixture
async def client(redis_url):
    async with Redis.from_url(redis_url, socket_timeout=2.0, client_name="line") as client:
        yield client


def echo(text):
    return command_bytes(b"ECHO", text)


async def test_whoever_asks_at_the_same_time_gets_their_own_answer(client):
    line = Line(client.connection_pool)

    answers = await asyncio.gather(*(line.ask(echo(f"a{n}"), echo(f"b{n}")) for n in range(500)))

    assert answers == [[b"a%d" % n, b"b%d" % n] for n in range(500)]
    assert [each["name"] for each in await client.client_list()].count("line") == 2


async def test_an_error_of_one_question_is_no_error_of_its_neighbours(client):
    await client.set("word", "x")
    line = Line(client.connection_pool)

    answers = await asyncio.gather(
        line.ask(echo("before")),
        line.ask(command_bytes(b"HGET", "word", b"d"), echo("lost")),
        line.ask(echo("after")),
        return_exceptions=True,
    )

    assert [answers[0], answers[2]] == [[b"before"], [b"after"]]
    assert isinstance(answers[1], ResponseError)


async def test_who_does_not_wait_for_the_answer_shifts_nobody_elses(client):
    line = Line(client.connection_pool)
    asked = [asyncio.create_task(line.ask(echo(f"{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    for each in asked[::2]:
        each.cancel()

    answers = await asyncio.gather(*asked, return_exceptions=True)

    assert answers[1::2] == [[b"%d" % n] for n in range(1, 20, 2)]
    assert await line.ask(echo("next")) == [b"next"]


async def test_a_connection_that_the_server_closed_is_made_anew_unnoticed(client):
    line = Line(client.connection_pool)
    await line.ask(echo("first"))
    await client.client_kill_filter(_type="normal", skipme=True)

    assert await line.ask(echo("second")) == [b"second"]


async def test_while_redis_is_away_everybody_is_told_and_afterwards_answered(own_redis):
    server = own_redis()
    async with Redis.from_url(server.url, socket_timeout=2.0) as client:
        line = Line(client.connection_pool)
        await line.ask(echo("up"))
        server.kill()
        away = await asyncio.gather(*(line.ask(echo("down")) for _ in range(3)), return_exceptions=True)
        server.start()

        assert [type(each) for each in away] == [RedisConnectionError] * 3
        assert await line.ask(echo("up again")) == [b"up again"]
