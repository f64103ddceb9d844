"""Webhooks go out to hosts that were named, on the public internet, signed, until they are taken; and nowhere else."""

import asyncio
import hashlib
import hmac
import itertools
import ssl
from contextlib import asynccontextmanager

import orjson
import pytest
import trustme

from schemas.erasing import encode_erasure
from schemas.messages import Message, encode_message
from schemas.topics import Topic
from streams import outward as outward_module
from streams.notices import Change, Consented, Erased, notice_of
from streams.outward import ForbiddenTarget, Outward, Undelivered
from streams.webhooks import (
    GIVE_UP_SECONDS,
    Delivery,
    UnusableWebhooks,
    Webhook,
    parse_webhooks,
)

SECRET = "s" * 32
ENTERED = Change("u:u1/nurses/entered/7", "u:u1", "nurses", entered=True, at=7)
ABROAD = Outward(frozenset({"crm.example"}))
HERE = Outward(frozenset({"localhost"}), loopback=True)
INSIDE = [
    "127.0.0.1", "127.8.9.10", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "192.0.0.192",
    "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
]  # fmt: skip


class Canary:
    """A socket of this machine that counts who connects, and what they sent."""

    def __init__(self, *answers):
        self.answers = itertools.cycle(answers or [b"HTTP/1.1 200 OK\r\n\r\n"])
        self.requests = []
        self.connections = 0
        self.over = asyncio.Event()
        self.serving: set[asyncio.Task] = set()

    async def serve(self, reader, writer):
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        answer = next(self.answers)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        self.requests.append((head.decode(), await reader.readexactly(length)))
        if answer is None:
            await self.over.wait()
        writer.write(answer or b"")
        writer.close()

    @asynccontextmanager
    async def listening(self, tls=None):
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=tls)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            self.over.set()
            server.close()
            await asyncio.gather(*self.serving, return_exceptions=True)


class LeadingTo:
    """Names that lead to these addresses, and who was asked for."""

    def __init__(self, *addresses):
        self.addresses = addresses
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host, port):
        self.asked.append((host, port))
        return self.addresses


@pytest.mark.parametrize("address", INSIDE)
async def test_a_name_that_leads_inside_is_not_connected_to(address):
    canary = Canary()
    async with canary.listening() as port:
        open_to_all_ports = Outward(frozenset({"crm.example"}))
        for found in ((address,), ("203.0.113.9", address), ("8.8.8.8", address)):
            with pytest.raises(ForbiddenTarget):
                await open_to_all_ports.post("https://crm.example/", b"", {}, resolve=LeadingTo(*found))

    assert canary.connections == 0
    assert port


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/", "https://other.example/", "https://crm.example.evil.example/", "https://crm.example@evil.example/",
        "https://crm.example:8443/", "https://crm.example:99999/", "ftp://crm.example/", "//crm.example/", "crm.example", "", "https://",
        "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://localhost/", "https://169.254.169.254/latest/meta-data/",
    ],
)  # fmt: skip
async def test_only_https_to_a_host_that_was_named_is_even_looked_up(url):
    resolve = LeadingTo("127.0.0.1")

    with pytest.raises(ForbiddenTarget):
        await ABROAD.post(url, b"", {}, resolve=resolve)
    assert resolve.asked == []


async def test_a_name_is_looked_up_once_so_that_a_second_look_cannot_lead_inside(monkeypatch):
    connected = []

    async def connection(address, port, **named):
        connected.append((address, port, named["server_hostname"]))
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio, "open_connection", connection)
    resolve = LeadingTo("8.8.8.8")
    with pytest.raises(Undelivered):
        await ABROAD.post("https://crm.example/in?x=1", b"", {}, resolve=resolve)

    assert resolve.asked == [("crm.example", 443)]
    assert connected == [("8.8.8.8", 443, "crm.example")]


async def test_a_redirect_is_not_followed():
    canary = Canary()
    async with canary.listening() as inside:
        redirecting = Canary(f"HTTP/1.1 302 Found\r\nLocation: http://localhost:{inside}/\r\n\r\n".encode())
        async with redirecting.listening() as port:
            assert await HERE.post(f"http://localhost:{port}/", b"{}", {}) == 302

    assert canary.connections == 0


@pytest.mark.parametrize("answer", [None, b"", b"HELLO\r\n", b"x" * 200_000, b"HTTP/1.1\r\n"])
async def test_a_server_that_answers_nothing_of_use_is_left_within_its_time(monkeypatch, answer):
    monkeypatch.setattr(outward_module, "SECONDS", 0.3)
    async with Canary(answer).listening() as port:
        with pytest.raises(Undelivered):
            await HERE.post(f"http://localhost:{port}/", b"{}", {})


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """An authority that this machine trusts, as one that the system's list names."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def a_server_of(authority, *names):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


async def test_a_post_goes_over_tls_to_the_host_that_its_certificate_names(trusted):
    receiver = Canary()
    async with receiver.listening(a_server_of(trusted, "localhost")) as port:
        assert await HERE.post(f"https://localhost:{port}/in?x=1", b"{}", {"X-Event-Id": "e1"}) == 200
    head, body = receiver.requests[0]

    assert head.startswith("POST /in?x=1 HTTP/1.1\r\n")
    assert f"Host: localhost:{port}\r\n" in head
    assert body == b"{}"


async def test_nothing_is_told_to_a_server_whose_certificate_does_not_hold(trusted):
    receiver = Canary()
    for wrong in (a_server_of(trusted, "other.example"), a_server_of(trustme.CA(), "localhost")):
        async with receiver.listening(wrong) as port:
            with pytest.raises(Undelivered):
                await HERE.post(f"https://localhost:{port}/", b"{}", {})

    assert receiver.requests == []


def a_delivery(port, *, now=lambda: 1_000.0, pauses=None):
    async def pause(seconds):
        if pauses is not None:
            pauses.append(seconds)

    webhook = Webhook("crm", f"http://localhost:{port}/in", frozenset({"nurses"}), SECRET.encode())
    return Delivery(webhook, HERE, now=now, rfc3339=lambda at: f"t{at}", pause=pause)


async def test_a_change_is_told_as_a_signed_track_call():
    receiver = Canary()
    async with receiver.listening() as port:
        assert await a_delivery(port).deliver(ENTERED) is None
    head, body = receiver.requests[0]
    signature = head.partition("X-Signature: ")[2].partition("\r\n")[0]

    assert orjson.loads(body) == {
        "type": "track",
        "event": "Audience Entered",
        "messageId": ENTERED.id,
        "userId": "u1",
        "timestamp": "t7",
        "properties": {"audience_key": "nurses", "nurses": True},
    }
    assert signature == "t=1000,v1=" + hmac.new(SECRET.encode(), b"1000." + body, hashlib.sha256).hexdigest()
    assert head.startswith("POST /in HTTP/1.1\r\n")


def a_message(event, **members):
    return Message(message_id="m1", type="track", event_time=7, received_at=9, event=event, **members)


ERASED = notice_of(Topic.PROFILES, b"u:u1", encode_erasure(7))
AGREED = notice_of(
    Topic.PROFILES,
    b"a:a1",
    encode_message(
        a_message(
            "Segment Consent Preference Updated",
            anonymous_id="a1",
            context={"consent": {"categoryPreferences": {"email": False, "research": True}}},
        )
    ),
)


async def test_an_erasure_and_a_consent_are_told_as_track_calls_too():
    receiver = Canary()
    async with receiver.listening() as port:
        for notice in (ERASED, AGREED):
            assert notice is not None
            assert await a_delivery(port).deliver(notice) is None
    erased, agreed = (orjson.loads(body) for _, body in receiver.requests)

    assert erased == {
        "type": "track", "event": "User Deleted", "messageId": "u:u1/erased/7", "userId": "u1", "timestamp": "t7",
    }  # fmt: skip
    assert agreed == {
        "type": "track", "event": "Segment Consent Preference Updated", "messageId": "m1", "anonymousId": "a1", "timestamp": "t7",
        "context": {"consent": {"categoryPreferences": {"email": False, "research": True}}},
    }  # fmt: skip


def test_who_unsubscribed_took_their_consent_to_mail_back():
    told = notice_of(Topic.PROFILES, b"u:u1", encode_message(a_message("Unsubscribed", user_id="u1")))

    assert told == Consented("m1", "u:u1", 7, {"email": False})


def test_what_else_is_on_a_candidates_topic_is_nobodys_business():
    told = encode_message(a_message("Preference Set", user_id="u1", properties={"key": "shift", "value": "night"}))

    assert notice_of(Topic.PROFILES, b"u:u1", told) is None


def test_a_webhook_wants_what_its_entry_names():
    text = f"- {{name: crm, url: 'https://crm.example/in', segments: [nurses], events: [erasures], secret: {SECRET}}}"
    (webhook,) = parse_webhooks(text, "webhooks.yaml", ABROAD)

    assert webhook.wants(ENTERED)
    assert webhook.wants(Erased("e", "u:u1", 7))
    assert not webhook.wants(Consented("c", "u:u1", 7))
    assert not webhook.wants(Change("c", "u:u1", "other", entered=True, at=7))


async def test_what_is_not_taken_is_told_again_later_and_later():
    pauses: list[float] = []
    receiver = Canary(*[b"HTTP/1.1 503 X\r\n\r\n"] * 3, b"HTTP/1.1 429 X\r\n\r\n", b"HTTP/1.1 204 X\r\n\r\n")
    async with receiver.listening() as port:
        assert await a_delivery(port, pauses=pauses).deliver(ENTERED) is None

    assert pauses == [1, 2, 4, 8]
    assert len({body for _, body in receiver.requests}) == 1


@pytest.mark.parametrize(("status", "reason"), [(400, "answered_400"), (404, "answered_404"), (302, "answered_302")])
async def test_what_will_never_be_taken_is_given_up_at_once(status, reason):
    receiver = Canary(f"HTTP/1.1 {status} X\r\n\r\n".encode())
    async with receiver.listening() as port:
        assert await a_delivery(port).deliver(ENTERED) == reason

    assert receiver.connections == 1


async def test_after_three_days_a_change_is_given_up():
    times = iter((0.0, 0.0, GIVE_UP_SECONDS - 1, GIVE_UP_SECONDS - 1, GIVE_UP_SECONDS + 1, GIVE_UP_SECONDS + 1))
    async with Canary(b"HTTP/1.1 500 X\r\n\r\n").listening() as port:
        assert await a_delivery(port, now=lambda: next(times)).deliver(ENTERED) == "answered_500"


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"[]",
        b"{}",
        b'"x"',
        b'{"id": 1}',
        b'{"id":"a","candidateId":"u:1","segment":"s","change":"entered","at":"x"}',
    ],
)
def test_a_record_that_says_nothing_is_passed_over(value):
    assert notice_of(Topic.SEGMENTS, b"u:1", value) is None
    assert notice_of(Topic.PROFILES, b"u:1", value) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not YAML"),
        ("", "no list"),
        ("- 3", "entry 1 needs name"),
        ("- {name: crm}", "needs name, secret, url, and segments, events or both"),
        (f"- {{name: crm, url: 'https://crm.example', topics: [a], secret: {SECRET}}}", "segments, events or both"),
        (f"- {{name: crm, url: 'https://crm.example', segments: [], secret: {SECRET}}}", "segments is a list"),
        (f"- {{name: crm, url: 'https://crm.example', secret: {SECRET}}}", "segments is a list"),
        (f"- {{name: crm, url: 'https://crm.example', events: [hired], secret: {SECRET}}}", "consents and erasures"),
        (f"- {{name: C R M, url: 'https://crm.example', segments: [a], secret: {SECRET}}}", "small letters"),
        (f"- {{name: crm, url: 'https://crm.example', segments: a, secret: {SECRET}}}", "segments is a list"),
        ("- {name: crm, url: 'https://crm.example', segments: [a], secret: short}", "at least 32"),
        (f"- {{name: crm, url: 'http://crm.example', segments: [a], secret: {SECRET}}}", "only https"),
        (f"- {{name: crm, url: 'https://evil.example', segments: [a], secret: {SECRET}}}", "not among the allowed"),
    ],
)
def test_an_unusable_file_says_where_and_what(text, says):
    with pytest.raises(UnusableWebhooks, match=says):
        parse_webhooks(text, "webhooks.yaml", ABROAD)


def test_a_secret_is_not_shown():
    text = f"- {{name: crm, url: 'https://crm.example/in', segments: [nurses], secret: {SECRET}}}"

    assert SECRET not in repr(parse_webhooks(text, "webhooks.yaml", ABROAD))
