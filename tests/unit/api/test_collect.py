import asyncio
import gzip

import orjson
import pytest

from api.intake import Limits
from api.memory_log import MemoryLog
from schemas.topics import Topic
from tests.unit.api.doors import NOON, Door

VIEW = {"type": "track", "event": "Job Viewed", "anonymousId": "a1", "properties": {"job_id": "j1"}}


def a_view(message_id="m1", **members):
    return {**VIEW, "messageId": message_id, **members}


def batch_of(*messages, **around):
    return {"batch": list(messages), **around}


@pytest.mark.parametrize(
    "path",
    ["/v1/track", "/v1/t", "/v1/page", "/v1/p", "/v1/identify", "/v1/i", "/v1/screen", "/v1/s", "/v1/group", "/v1/g"],
)
async def test_every_endpoint_takes_one_message(door, path):
    answer = await door.post(path, {"event": "X", "anonymousId": "a1"})

    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert len(door.messages()) == 1


@pytest.mark.parametrize("path", ["/v1/alias", "/v1/a"])
async def test_an_alias_names_the_id_left_behind(door, path):
    assert (await door.post(path, {"userId": "u1", "previousId": "a1"})).status_code == 200

    assert door.messages()[0].previous_id == "a1"


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/import"])
async def test_a_batch_answers_200_and_where_its_newest_records_lie(door, path):
    answer = await door.post(path, batch_of(a_view("m1"), a_view("m2"), {"type": "page", "anonymousId": "a1"}))

    assert answer.status_code == 200
    assert sorted(part[0] for part in answer.json()["after"].split(".")) == ["c", "s"]
    assert len(door.messages()) == 3


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "application/json", "nonsense"])
@pytest.mark.parametrize("compressed", [True, False])
async def test_the_content_type_is_never_looked_at(door, kind, compressed):
    body = orjson.dumps(batch_of(a_view()))
    headers = {"content_type": kind, **({"content_encoding": "gzip"} if compressed else {})}

    answer = await door.post("/v1/batch", gzip.compress(body) if compressed else body, **headers)

    assert answer.status_code == 200
    assert len(door.messages()) == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/batch", b"{", 400, "malformed"),
        ("/v1/batch", b"", 400, "malformed"),
        ("/v1/batch", b"[]", 401, "unknown_key"),
        ("/v1/batch", b'{"batch": {}, "writeKey": "pk_demo"}', 400, "malformed"),
        ("/v1/track", b'{"writeKey": "pk_wrong"}', 401, "unknown_key"),
        ("/v1/nothing", b"{}", 404, "not_found"),
        ("/v1/batch", b'{"batch": "' + b"x" * 513_000 + b'"}', 413, "too_large"),
    ],
)
async def test_every_refusal_has_a_code_and_a_sentence(door, path, body, status, code):
    answer = await door.post(path, body, key=None)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert answer.headers["content-type"] == "application/json"


async def test_a_gzip_bomb_is_refused_before_it_is_inflated(door):
    bomb = gzip.compress(b"0" * 200_000_000)

    answer = await door.post("/v1/batch", bomb, content_encoding="gzip")

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("body", [b"not gzip", gzip.compress(b"{}")[:-9]])
async def test_a_broken_gzip_body_is_malformed(door, body):
    assert (await door.post("/v1/batch", body, content_encoding="gzip")).status_code == 400


@pytest.mark.parametrize(
    "how",
    [
        {"key": "pk_demo"},
        {"key": None, "body": {"writeKey": "pk_demo"}},
        {"key": None, "path": "/beacon/v1/batch?writeKey=pk_demo"},
        {"key": None, "headers": {"authorization": "Bearer pk_demo"}},
        {"key": None, "body": {"writeKey": "pk_demo"}, "headers": {"authorization": "Bearer some-oauth-token"}},
    ],
)
async def test_the_key_is_taken_from_wherever_an_sdk_puts_it(door, how):
    body = batch_of(a_view(), **how.get("body", {}))

    answer = await door.post(how.get("path", "/v1/batch"), body, key=how["key"], **how.get("headers", {}))

    assert answer.status_code == 200, answer.text


async def test_a_secret_key_does_not_count_when_it_stands_in_the_address(door):
    assert (await door.post("/beacon/v1/batch?writeKey=sk_demo", batch_of(a_view()), key=None)).status_code == 401


async def test_a_basic_user_name_that_is_no_key_is_not_saved_by_the_body(door):
    answer = await door.post("/v1/batch", batch_of(a_view(), writeKey="pk_demo"), key="pk_wrong")

    assert answer.status_code == 401
    assert door.messages() == []


async def test_one_bad_message_does_not_fail_its_batch(door):
    answer = await door.post(
        "/v1/batch", batch_of(a_view("m1"), {"type": "track", "anonymousId": "a1"}, 7, a_view("m2"))
    )

    assert answer.status_code == 200
    assert [(one["index"], one["code"]) for one in answer.json()["rejected"]] == [
        (1, "no_event_name"),
        (2, "not_an_object"),
    ]
    assert [message.message_id for message in door.messages()] == ["m1", "m2"]


async def test_a_bad_message_lies_among_the_dead_letters_with_its_reason(door):
    await door.post("/v1/track", {"event": "Job Viewed", "anonymousId": "a1", "traits": {"gender": "f"}})

    (letter,) = door.log.of(Topic.DEAD_LETTERS)
    assert dict(letter.headers)["careerstream.reason"] == b"missing_property"
    assert dict(letter.headers)["__connect.errors.exception.class.name"] == b"missing_property"
    assert orjson.loads(letter.value) == {"event": "Job Viewed", "anonymousId": "a1", "traits": {}}


async def test_a_message_over_32_kb_is_refused_alone(door):
    answer = await door.post("/v1/batch", batch_of(a_view("m1", context={"x": "y" * 40_000}), a_view("m2")))

    assert [one["code"] for one in answer.json()["rejected"]] == ["message_too_large"]
    assert [message.message_id for message in door.messages()] == ["m2"]


async def test_a_batchs_context_cannot_be_multiplied_into_every_message(door):
    answer = await door.post("/v1/batch", batch_of(a_view(), context={"x": "y" * 40_000}))

    assert answer.status_code == 413


async def test_a_batch_of_more_than_2500_messages_is_refused(door):
    assert (await door.post("/v1/batch", batch_of(*[{}] * 2_501))).status_code == 413


@pytest.mark.parametrize(
    "body", [b'{"batch":[{"anonymousId":"a1","type":"track","event":"X","properties":{"n":NaN,"m":Infinity}}]}']
)
async def test_numbers_that_json_does_not_have_cost_no_event(door, body):
    assert (await door.post("/v1/batch", body)).status_code == 200

    assert door.messages()[0].properties == {"n": None, "m": None}


async def test_half_a_surrogate_pair_costs_no_event(door):
    body = rb'{"batch":[{"anonymousId":"a1","type":"track","event":"X","properties":{"t":"cut \ud83d"}}]}'

    assert (await door.post("/v1/batch", body)).status_code == 200
    assert door.messages()[0].properties == {"t": "cut ?"}


async def test_a_number_of_more_than_64_bits_refuses_its_message_alone(door):
    body = b'{"batch":[{"anonymousId":"a1","type":"track","event":"X","properties":{"n":' + b"9" * 30 + b',"m":NaN}}]}'

    assert (await door.post("/v1/batch", body)).status_code == 200


async def test_json_nested_a_thousand_deep_breaks_nothing(door):
    deep = b'{"a":' * 1_000 + b"1" + b"}" * 1_000
    body = b'{"batch":[{"anonymousId":"a1","type":"page","properties":' + deep + b"}]}"

    answer = await door.post("/v1/batch", body)

    assert answer.status_code in (200, 400)
    assert door.messages() == []


async def test_a_message_sent_again_is_in_the_log_once_and_answered_with_its_first_place(door):
    first = await door.post("/v1/batch", batch_of(a_view("m1"), a_view("m1")))
    again = await door.post("/v1/track", a_view("m1"))

    assert len(door.messages()) == 1
    assert again.json() == first.json()


async def test_two_sources_may_use_the_same_message_ids(door):
    await door.post("/v1/track", a_view("m1"))
    await door.post("/v1/track", a_view("m1"), key="sk_demo")

    assert len(door.messages()) == 2


async def test_what_kafka_did_not_take_is_not_answered_200_and_gets_in_when_sent_again(door):
    door.log.away = True
    refused = await door.post("/v1/track", a_view("m1"))
    door.log.away = False
    taken = await door.post("/v1/track", a_view("m1"))

    assert (refused.status_code, refused.json()["code"]) == (503, "log_away")
    assert int(refused.headers["retry-after"]) >= 1
    assert taken.status_code == 200
    assert len(door.messages()) == 1


class TakesOne(MemoryLog):
    """Acknowledges the first record of a call, for as long as `limited` is set."""

    limited = True

    async def append(self, records):
        taken = await super().append(records[:1] if self.limited else records)
        return [*taken, *[None] * (len(records) - len(taken))]


async def test_what_kafka_took_of_a_batch_is_not_appended_again():
    door = Door(log=TakesOne())

    async with door.open():
        assert (await door.post("/v1/batch", batch_of(a_view("m1"), a_view("m2")))).status_code == 503
        door.log.limited = False
        assert (await door.post("/v1/batch", batch_of(a_view("m1"), a_view("m2")))).status_code == 200

    assert sorted(message.message_id for message in door.messages()) == ["m1", "m2"]


async def test_a_message_that_kafka_refused_leaves_its_dead_letter_for_the_next_try(door):
    door.log.away = True
    refused = await door.post("/v1/track", {"anonymousId": "a1"})

    assert refused.status_code == 503


class Slow(MemoryLog):
    """Acknowledges once `free` is set."""

    free = asyncio.Event()

    async def append(self, records):
        await self.free.wait()
        return await super().append(records)


async def test_more_calls_than_there_is_room_for_are_sent_away():
    async with Door(log=Slow(), options={"limits": Limits(in_flight=1)}).open() as door:
        first = asyncio.create_task(door.post("/v1/track", a_view("m1")))
        await asyncio.sleep(0.05)
        second = await door.post("/v1/track", a_view("m2"))
        door.log.free.set()

        assert (await first).status_code == 200
        assert (second.status_code, second.json()["code"]) == (429, "too_busy")
        assert int(second.headers["retry-after"]) >= 1


async def test_a_secret_key_vouches_for_the_user_and_a_publishable_one_only_claims(door):
    await door.post("/v1/identify", {"userId": "u1", "anonymousId": "a1"}, key="sk_demo")
    await door.post("/v1/identify", {"userId": "u1", "anonymousId": "a1"})

    assert [(m.verified, m.candidate_id) for m in door.messages()] == [(True, "u:u1"), (False, "a:a1")]


async def test_records_are_keyed_by_their_candidate(door):
    await door.post("/v1/track", a_view())

    assert [record.key for record in door.log.of(Topic.CLICKS)] == [b"a:a1"]


async def test_a_cloudevent_is_taken_structured_or_in_a_batch(door):
    event = {
        "specversion": "1.0", "id": "e1", "source": "/warehouse", "type": "org.example.track", "subject": "u:u1",
        "time": "2026-11-23T11:00:00Z", "data": {"event": "Job Saved", "properties": {"job_id": "j1"}},
    }  # fmt: skip

    one = await door.post("/v1/cloudevents", event, key="sk_demo")
    many = await door.post("/v1/cloudevents", [{**event, "id": "e2"}, {**event, "specversion": "0.3"}], key="sk_demo")

    assert one.status_code == 200
    assert [each["code"] for each in many.json()["rejected"]] == ["not_a_cloudevent"]
    assert [(m.message_id, m.candidate_id, m.event_time) for m in door.messages()] == [
        ("e1", "u:u1", NOON - 3_600_000),
        ("e2", "u:u1", NOON - 3_600_000),
    ]


async def test_a_browser_sdk_is_told_what_it_asks_before_it_sends(door):
    segment = await door.get("/v1/projects/pk_demo/settings", key=None)
    rudder = await door.get("/sourceConfig/?writeKey=pk_demo", key=None)
    wrong = await door.get("/v1/projects/pk_wrong/settings", key=None)

    assert segment.json() == {"integrations": {"Segment.io": {"apiKey": "pk_demo"}}}
    assert rudder.json()["source"]["enabled"] is True
    assert wrong.status_code == 401


async def test_a_log_line_names_nobody(door, capsys):
    await door.post("/v1/identify", {"userId": "ada@example.org", "traits": {"email": "ada@example.org"}})

    assert "ada" not in capsys.readouterr().out


async def test_a_log_line_tells_candidates_by_a_pseudonym_of_this_process(door, capsys):
    for name in ("ada@example.org", "ada@example.org", "bob"):
        await door.get(f"/v1/profiles/user_id:{name}/segments")

    lines = [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [line["candidate"] for line in lines if line.get("candidate")]
    assert told[0] == told[1] != told[2]
    assert "ada" not in str(lines)


@pytest.mark.parametrize("encoded", ["ú", "!", "Zm9v", "AA", "W10="])
async def test_a_cloudevent_whose_data_cannot_be_read_is_rejected_by_itself(door, encoded):
    event = {"specversion": "1.0", "id": "e", "source": "s", "type": "track", "data_base64": encoded}

    answer = await door.post("/v1/cloudevents", event, key="sk_demo")
    assert answer.status_code == 200
    assert answer.json()["rejected"][0]["code"] in {"invalid_json", "not_an_object"}
