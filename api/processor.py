"""What signs OpenDSR answers and callbacks: a certificate, and the private key that belongs to it."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

DOMAIN_HEADER = "X-OpenDSR-Processor-Domain"
SIGNATURE_HEADER = "X-OpenDSR-Signature"
_LEAST_BITS = 2048
_YEAR = timedelta(days=365)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class UnusableCertificate(ValueError):
    """A certificate or key that cannot sign for us; the message says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True, repr=False)
class Processor:
    """Whom controllers deal with: `domain` is the one that the certificate (PEM, the chain behind it) was issued for."""

    domain: str
    certificate: bytes
    key: PrivateKey

    def headers(self, body: bytes) -> dict[str, str]:
        """Answer what OpenDSR 2.0 asks of every answer and callback (§8.3, §8.6): who signs, and the signature over the very bytes."""
        return {DOMAIN_HEADER: self.domain, SIGNATURE_HEADER: base64.b64encode(self._signature(body)).decode()}

    def _signature(self, body: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(body, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(body, ec.ECDSA(hashes.SHA256()))


def parse_processor(certificate: bytes, key: bytes, *, at: datetime) -> Processor:
    """Answer the processor of a PEM certificate and its PEM key, or raise UnusableCertificate."""
    try:
        issued = x509.load_pem_x509_certificates(certificate)[0]
    except ValueError as error:
        raise UnusableCertificate("the certificate is no PEM certificate") from error
    try:
        private = load_pem_private_key(key, password=None)
    except (ValueError, TypeError) as error:
        raise UnusableCertificate("the key is no PEM key without a password") from error
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise UnusableCertificate("the key is neither RSA nor ECDSA, which is what OpenDSR signs with (FIPS 186-4)")
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size < _LEAST_BITS:
        raise UnusableCertificate(f"an RSA key has at least {_LEAST_BITS} bits")
    if private.public_key() != issued.public_key():
        raise UnusableCertificate("the key is not the one that the certificate was issued for")
    if not issued.not_valid_before_utc <= at < issued.not_valid_after_utc:
        raise UnusableCertificate(f"the certificate holds until {issued.not_valid_after_utc:%Y-%m-%d}, not now")
    return Processor(_domain(issued), certificate, private)


def passing_processor(domain: str, *, at: datetime) -> Processor:
    """Answer a processor that vouches for itself, for servers that end with their process: OpenDSR forbids it for real ones."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domain)])
    issued = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + _YEAR)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Processor(domain, issued.public_bytes(Encoding.PEM), key)


def _domain(issued: x509.Certificate) -> str:
    try:
        names = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        domains = []
    else:
        domains = [name for name in names.get_values_for_type(x509.DNSName) if "*" not in name]
    if not domains:
        raise UnusableCertificate(
            "the certificate names no domain (a DNS name among its alternative names, no wildcard)"
        )
    return domains[0]
