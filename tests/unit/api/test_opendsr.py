"""OpenDSR 2.0: what a controller hands on is carried out, signed for, and told back; and nobody's address can be read here."""

import asyncio
import base64
import hashlib
import uuid

import orjson
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from api import callbacks
from api.callbacks import GIVE_UP_MS, MemoryQueue
from api.opendsr import SubjectRequests
from profiles.pseudonym import pseudonym
from tests.unit.api.doors import Door

EMAIL = "ada@example.com"
BACK = "https://controller.example/told"


class Controller:
    """Takes callbacks, or does not; `answers` says which, the last one from then on."""

    def __init__(self):
        self.answers = [True]
        self.told = []
        self.queue = MemoryQueue()

    def problem(self, url):
        return None if url.startswith("https://controller.example/") else "the host is not among the allowed ones"

    async def send(self, url, body, headers):
        self.told.append((url, body, headers))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def statuses(self):
        return [orjson.loads(body)["request_status"] for _, body, _ in self.told]


@pytest.fixture
def controller(monkeypatch):
    monkeypatch.setattr(callbacks, "PAUSE", 0.01)
    return Controller()


@pytest.fixture
async def site(controller):
    door = Door(options={"sender": controller, "callbacks": controller.queue})
    async with door.open():
        await identify(door, "ada", EMAIL, anonymousId="a1")
        yield door


async def identify(door, user, email, *, key="sk_demo", **more):
    answer = await door.post("/v1/identify", {"userId": user, "traits": {"email": email}, **more}, key=key)
    assert answer.json().get("rejected") is None
    await door.fold()


def by_email(value=EMAIL, form="raw"):
    return [{"identity_type": "email", "identity_value": value, "identity_format": form}]


def a_request(kind="erasure", value="ada", **more):
    identity = {"identity_type": "controller_customer_id", "identity_value": value, "identity_format": "raw"}
    return {
        "regulation": "gdpr", "subject_request_id": str(uuid.uuid4()), "subject_request_type": kind,
        "submitted_time": "2026-11-01T00:00:00Z", "subject_identities": [identity], "api_version": "2.0", **more,
    }  # fmt: skip


async def submitted(door, asked, *, folded=True):
    """Send a request while an agent folds."""
    asking = asyncio.create_task(door.post("/v2/requests", asked, key="sk_demo"))
    if folded:
        await asyncio.sleep(0.05)
        await door.fold()
    return await asking


async def status_of(door, asked):
    return (await door.get(f"/v2/requests/{asked['subject_request_id']}")).json()


async def known(door, name):
    return (await door.get(f"/v1/profiles/{name}")).status_code == 200


async def until(question):
    async with asyncio.timeout(20):
        while not question():
            await asyncio.sleep(0.01)


async def verified(door, body, headers):
    """Check a signature as a controller does: with the certificate that discovery leads to. It raises what does not hold."""
    shown = (await door.get("/v2/discovery", key=None)).json()["processor_certificate"]
    assert shown == f"https://{headers['x-opendsr-processor-domain']}/v2/certificate.pem"
    issued = x509.load_pem_x509_certificate((await door.get("/v2/certificate.pem", key=None)).content)
    names = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert headers["x-opendsr-processor-domain"] in names.get_values_for_type(x509.DNSName)
    key = issued.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(base64.b64decode(headers["x-opendsr-signature"]), body, ec.ECDSA(hashes.SHA256()))


async def test_an_erasure_is_carried_out_and_can_be_asked_about(site):
    asked = a_request()
    answer = await submitted(site, asked)
    status = await status_of(site, asked)

    assert answer.status_code == 201
    assert base64.b64decode(answer.json()["encoded_request"]) == orjson.dumps(asked)
    assert status["request_status"] == "completed"
    assert not await known(site, "user_id:ada")
    assert "ada" not in str(status)


async def test_a_request_for_access_says_where_the_export_is(site):
    asked = a_request("access", value="ada/1 ü")
    answer = (await submitted(site, asked)).json()

    assert answer["results_url"] == "https://door/v1/profiles/user_id:ada%2F1%20%C3%BC/export"
    assert answer["results_count"] == 1
    assert (await status_of(site, asked))["results_url"] == answer["results_url"]


async def test_what_is_kept_of_a_request_names_nobody(site):
    asked = a_request("access", subject_identities=by_email())
    await submitted(site, asked)

    kept = str(await site.app.state.ports.requests.find(asked["subject_request_id"]))
    assert "completed" not in kept  # that is worked out when asked
    assert "ada" not in kept


async def test_once_erased_a_request_for_access_leads_nowhere_any_more(site):
    asked = a_request("access")
    await submitted(site, asked)
    await submitted(site, a_request())

    status = await status_of(site, asked)
    assert "results_url" not in status
    assert status["results_count"] == 0


@pytest.mark.parametrize(
    "broken",
    [
        {"subject_request_type": "rectify"},
        {"subject_request_id": "x"},
        {"subject_identities": []},
        {"subject_identities": by_email("no address")},
        {"subject_identities": by_email("abc", "sha256")},
        {"subject_identities": by_email(EMAIL, "md5")},
        {"subject_identities": [{**by_email("0" * 64, "sha256")[0], "identity_type": "controller_customer_id"}]},
        {"status_callback_urls": ["https://169.254.169.254/latest"]},
        {"status_callback_urls": [BACK, "https://other.example/told"]},
    ],
)
async def test_a_request_that_is_none_is_refused_with_its_place_and_erases_nobody(site, broken):
    answer = await site.post("/v2/requests", a_request(**broken), key="sk_demo")

    assert answer.status_code == 400
    assert next(iter(broken)) in answer.json()["message"]
    assert await known(site, "user_id:ada")


@pytest.mark.parametrize(
    ("value", "form"),
    [(" Ada@Example.com ", "raw"), (hashlib.sha256(EMAIL.encode()).hexdigest().upper(), "sha256")],
)
async def test_an_address_finds_whom_an_identify_brought_it_for(site, value, form):
    await identify(site, "ada-2", "ADA@example.com")

    answer = await submitted(site, a_request("access", subject_identities=by_email(value, form)))

    assert [url.rpartition("user_id:")[2] for url in answer.json()["results_urls"]] == ["ada/export", "ada-2/export"]


async def test_an_erasure_by_address_erases_the_person(site):
    await submitted(site, a_request(subject_identities=by_email()))

    assert not await known(site, "user_id:ada")
    assert not await known(site, "anonymous_id:a1")


async def test_an_address_finds_nobody_any_more_who_was_erased(site):
    await submitted(site, a_request())
    ports = site.app.state.ports

    digest = hashlib.sha256(EMAIL.encode()).hexdigest()
    assert await ports.addresses.people(digest) == []


async def test_an_address_that_nobody_has_is_no_error(site):
    asked = a_request(subject_identities=by_email("nobody@example.com"))

    assert (await submitted(site, asked)).status_code == 201
    assert (await status_of(site, asked))["request_status"] == "completed"


async def test_an_address_that_a_page_claims_finds_nobody(site):
    await identify(site, "eve", "claimed@example.com", key="pk_demo", anonymousId="a9")

    answer = await submitted(site, a_request("access", subject_identities=by_email("claimed@example.com")))

    assert answer.json()["results_count"] == 0


async def test_an_address_that_a_crowd_shares_names_nobody(site):
    for number in range(21):
        await identify(site, f"u{number}", "office@example.com")

    answer = await site.post(
        "/v2/requests", a_request(subject_identities=by_email("office@example.com")), key="sk_demo"
    )

    assert answer.status_code == 400
    assert "names nobody" in answer.json()["message"]
    assert await known(site, "user_id:u1")


async def test_an_address_that_is_imported_finds_its_person(site):
    document = (await site.get("/v1/profiles/user_id:ada/export")).content
    other = Door()
    async with other.open():
        assert (await other.post("/v1/profiles/import", document, key="sk_demo")).status_code == 200

        answer = await submitted(other, a_request("access", subject_identities=by_email()))

        assert answer.json()["results_urls"] == ["https://door/v1/profiles/user_id:ada/export"]


async def test_every_answer_is_signed_by_the_certificate_that_discovery_shows(site):
    asked = a_request()
    taken = await submitted(site, asked)
    told = await site.get(f"/v2/requests/{asked['subject_request_id']}")

    for answer in (taken, told):
        await verified(site, answer.content, answer.headers)
        with pytest.raises(InvalidSignature):
            await verified(site, answer.content + b" ", answer.headers)


async def test_discovery_names_every_kind_of_id_that_is_taken(site):
    shown = (await site.get("/v2/discovery", key=None)).json()

    for each in shown["supported_identities"]:
        value = {"email": EMAIL}.get(each["identity_type"], "ada")
        value = hashlib.sha256(value.encode()).hexdigest() if each["identity_format"] == "sha256" else value
        asked = a_request("access", subject_identities=[{**each, "identity_value": value}])
        assert (await submitted(site, asked)).status_code == 201


async def test_without_a_certificate_nothing_is_taken_and_the_answer_says_what_is_missing():
    async with Door(options={"processor": None}).open() as door:
        await identify(door, "ada", EMAIL)
        answer = await door.post("/v2/requests", a_request(), key="sk_demo")

        assert answer.status_code == 501
        assert "CAREERSTREAM_OPENDSR__CERTIFICATE_FILE" in answer.json()["message"]
        assert await known(door, "user_id:ada")


async def test_each_change_of_status_is_told_once_and_signed(site, controller):
    asked = a_request(status_callback_urls=[BACK, BACK])
    await submitted(site, asked, folded=False)
    await until(lambda: controller.statuses == ["in_progress"])
    await site.fold()
    site.clock.now += 5_000
    await until(lambda: controller.statuses == ["in_progress", "completed"])
    site.clock.now += 5_000
    await asyncio.sleep(0.1)

    assert controller.statuses == ["in_progress", "completed"]
    for url, body, headers in controller.told:
        told = orjson.loads(body)
        assert url == told["status_callback_url"] == BACK
        assert told["subject_request_id"] == asked["subject_request_id"]
        assert told.keys() >= {"controller_id", "expected_completion_time"}
        await verified(site, body, {name.lower(): value for name, value in headers.items()})


async def test_what_a_controller_does_not_take_is_told_again_later_and_later(site, controller):
    controller.answers = [False, False, True]
    await submitted(site, a_request(status_callback_urls=[BACK]))
    await until(lambda: len(controller.told) == 1)
    site.clock.now += 2_000
    await until(lambda: len(controller.told) == 2)
    site.clock.now += 2_000
    await asyncio.sleep(0.1)
    assert len(controller.told) == 2
    site.clock.now += 2_000
    await until(lambda: len(controller.told) == 3)

    assert controller.statuses == ["completed"] * 3


async def test_after_three_days_a_callback_is_given_up_counted_and_remembered(site, controller):
    controller.answers = [True, False]
    asked = a_request(status_callback_urls=[f"{BACK}/there", BACK])
    await submitted(site, asked)
    await until(lambda: len(controller.told) == 2)
    site.clock.now += GIVE_UP_MS + 1
    await until(lambda: len(controller.told) == 3)
    site.clock.now += GIVE_UP_MS
    await asyncio.sleep(0.1)
    name = asked["subject_request_id"]
    kept = await site.app.state.ports.subject_requests.find(name)

    assert len(controller.told) == 3
    assert "careerstream_callbacks_given_up_total 1.0" in (await site.http.get("/metrics")).text
    assert list(await controller.queue.given_up()) == [name]
    assert kept["given_up"] == [BACK]


async def test_a_callback_that_cannot_be_made_keeps_none_of_another_request(site, controller, monkeypatch):
    broken, whole = (a_request(status_callback_urls=[BACK]) for _ in range(2))
    told = SubjectRequests.told

    async def fails(self, name, kept):
        if name == broken["subject_request_id"]:
            raise ZeroDivisionError
        return await told(self, name, kept)

    monkeypatch.setattr(SubjectRequests, "told", fails)
    for each in (broken, whole):
        await submitted(site, each)

    await until(lambda: len(controller.told) == 1)


async def test_a_callback_that_was_given_up_is_told_once_more_when_somebody_asks_for_that(site, controller):
    controller.answers = [False]
    asked = a_request(status_callback_urls=[BACK])
    await submitted(site, asked)
    await until(lambda: len(controller.told) == 1)
    site.clock.now += GIVE_UP_MS + 1
    await until(lambda: len(controller.told) == 2)
    controller.answers = [True]
    await controller.queue.put(asked["subject_request_id"], site.clock.now)
    await until(lambda: len(controller.told) == 3)
    await asyncio.sleep(0.1)

    assert len(controller.told) == 3
    assert await controller.queue.given_up() == {}


async def test_one_controller_that_is_away_keeps_nothing_from_another(site, controller):
    controller.answers = [False, True]
    away, there = f"{BACK}/away", f"{BACK}/there"
    await submitted(site, a_request(status_callback_urls=[away, there]))
    await until(lambda: len(controller.told) == 2)
    site.clock.now += 10_000
    await until(lambda: len(controller.told) == 3)

    assert [url for url, _, _ in controller.told] == [away, there, away]


async def test_the_list_of_the_erased_takes_addresses_out_of_a_restored_index(site):
    """What the start does with a key store that came back from a backup."""
    ports = site.app.state.ports
    await ports.addresses.forget([pseudonym("u:ada")])

    assert await ports.addresses.people(hashlib.sha256(EMAIL.encode()).hexdigest()) == []
