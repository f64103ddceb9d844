"""What signs OpenDSR answers is checked before anything is signed, and what is signed holds for whoever checks it."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.processor import SIGNATURE_HEADER, UnusableCertificate, parse_processor
from careerstream.errors import Stopped
from careerstream.opendsr import OutwardSender, processor_in_force
from careerstream.settings import OpenDsrSettings
from streams.outward import Outward
from tests.unit.streams.test_webhooks import Canary

NOW = datetime.now(UTC)
DOMAIN = "opendsr.careers.example"


def issued(*names, kind=trustme.KeyType.ECDSA, **more):
    made = trustme.CA().issue_cert(*names or (DOMAIN,), key_type=kind, **more)
    return b"".join(each.bytes() for each in made.cert_chain_pems), made.private_key_pem.bytes()


def a_key(private):
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("kind", trustme.KeyType)
def test_a_signature_holds_for_the_certificate_and_for_these_bytes_alone(kind):
    certificate, key = issued(kind=kind)
    processor = parse_processor(certificate, key, at=NOW)
    signature = base64.b64decode(processor.headers(b"said")[SIGNATURE_HEADER])
    public = x509.load_pem_x509_certificates(certificate)[0].public_key()

    def check(body):
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, body, padding.PKCS1v15(), hashes.SHA256())
        else:
            assert isinstance(public, ec.EllipticCurvePublicKey)
            public.verify(signature, body, ec.ECDSA(hashes.SHA256()))

    assert processor.domain == DOMAIN
    check(b"said")
    with pytest.raises(InvalidSignature):
        check(b"said otherwise")


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: (b"x", issued()[1]), "no PEM certificate"),
        (lambda: (issued()[0], b"x"), "no PEM key"),
        (lambda: (issued()[0], issued()[1]), "not the one"),
        (lambda: issued("*.careers.example"), "names no domain"),
        (lambda: issued("192.0.2.1"), "names no domain"),
        (lambda: issued(not_after=NOW - timedelta(days=1)), "holds until"),
        (lambda: (issued()[0], a_key(ed25519.Ed25519PrivateKey.generate())), "neither RSA nor ECDSA"),
        (lambda: (issued()[0], a_key(rsa.generate_private_key(65537, 1024))), "2048 bits"),  # noqa: S505  # that is the point
    ],
)
def test_what_cannot_sign_says_why(made, says):
    with pytest.raises(UnusableCertificate, match=says):
        parse_processor(*made(), at=NOW)


def test_real_servers_sign_with_what_the_settings_name_or_not_at_all(tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    for file, text in zip((certificate, key), issued(), strict=True):
        file.write_bytes(text)
    named = OpenDsrSettings(certificate_file=certificate, key_file=key)

    processor = processor_in_force(named, embedded=False)
    assert processor is not None
    assert processor.domain == DOMAIN
    assert processor_in_force(OpenDsrSettings(), embedded=False) is None
    passing = processor_in_force(OpenDsrSettings(), embedded=True)
    assert passing is not None
    assert passing.domain == "localhost"
    for wrong in ({"certificate_file": certificate}, {"certificate_file": key, "key_file": tmp_path / "none"}):
        with pytest.raises(Stopped, match="OPENDSR__CERTIFICATE_FILE"):
            processor_in_force(OpenDsrSettings(**wrong), embedded=False)


async def test_a_callback_goes_where_webhooks_may_go_and_is_taken_with_any_2xx():
    sender = OutwardSender(Outward(frozenset({"localhost"}), loopback=True))
    receiver = Canary(b"HTTP/1.1 202 X\r\n\r\n", b"HTTP/1.1 403 X\r\n\r\n", b"HTTP/1.1 302 X\r\n\r\n")
    async with receiver.listening() as port:
        url = f"http://localhost:{port}/told"
        assert sender.problem(url) is None
        assert [await sender.send(url, b"{}", {"A": "b"}) for _ in range(3)] == [True, False, False]
    assert not await sender.send(url, b"{}", {})

    assert sender.problem("https://other.example/") is not None
    assert not await sender.send("https://other.example/", b"{}", {})
    assert receiver.connections == 3
