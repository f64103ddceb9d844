"""The settings: everything the environment may say, checked when the program starts.

Names start with `CAREERSTREAM_`, groups are joined by `__` (`CAREERSTREAM_KAFKA__BOOTSTRAP`). A name under the prefix
that is none of ours stops the start, so that a misspelt one is never silently ignored.
"""

import difflib
import ssl
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CAREERSTREAM_"


class SettingsError(ValueError):
    """What the environment says cannot be used; the message names the variable and the next step."""


def _seconds(value: object) -> object:
    """Take `6` and `0.03` for seconds, as the documentation writes them; pydantic alone wants `PT6S`."""
    try:
        return timedelta(seconds=float(value)) if isinstance(value, str) else value
    except ValueError:
        return value


Duration = Annotated[timedelta, BeforeValidator(_seconds)]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KafkaSettings(_Group):
    """How to reach Kafka. With TLS the system's authorities are trusted unless `ca_file` names others."""

    bootstrap: str | None = Field(
        None, description="host:port, several joined by commas; unset starts the embedded broker"
    )
    prefix: str = Field("careers", description="what the topic names start with", pattern=r"^[A-Za-z0-9._-]{1,100}$")
    partitions: int = Field(4, description="partitions of a candidate topic, when we create it", ge=1, le=4096)
    replication: int = Field(1, description="copies of each partition, when we create it", ge=1, le=9)
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="as Kafka clients name it"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="with SASL_*"
    )
    sasl_username: str | None = Field(None, description="with SASL_*")
    sasl_password: SecretStr | None = Field(None, description="with SASL_*")
    ca_file: Path | None = Field(None, description="PEM file of the authorities to trust")
    certificate_file: Path | None = Field(None, description="PEM file of this client's certificate")
    key_file: Path | None = Field(None, description="PEM file of this client's key")

    def client_options(self, bootstrap: str) -> dict[str, Any]:
        """Answer the keyword arguments that every aiokafka client of ours takes."""
        options: dict[str, Any] = {"bootstrap_servers": bootstrap, "security_protocol": self.security_protocol}
        if self.security_protocol.startswith("SASL"):
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password.get_secret_value() if self.sasl_password else None,
            }
        if self.security_protocol.endswith("SSL"):
            options["ssl_context"] = self._ssl_context()
        return options

    def _ssl_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
        if self.certificate_file:
            context.load_cert_chain(str(self.certificate_file), str(self.key_file) if self.key_file else None)
        return context


class RedisSettings(_Group):
    """How to reach Redis; user, password, TLS (`rediss://`) and database stand in the URL or beside it."""

    url: str | None = Field(None, description="redis://, rediss:// or unix://; unset starts the embedded server")
    username: str | None = Field(None, description="the ACL user, when the URL names none")
    password: SecretStr | None = Field(None, description="its password, when the URL has none")
    ca_file: Path | None = Field(None, description="PEM file of the authorities to trust with rediss://")
    namespace: str = Field("careers", description="what every key starts with", pattern=r"^[A-Za-z0-9._-]{1,100}$")
    timeout: Duration = Field(timedelta(seconds=2), description="how long one command may take")

    def client_options(self, url: str) -> dict[str, Any]:
        """Answer the keyword arguments of `redis.asyncio.Redis.from_url`, beside the URL."""
        seconds = self.timeout.total_seconds()
        options: dict[str, Any] = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
        if self.username:
            options["username"] = self.username
        if self.password:
            options["password"] = self.password.get_secret_value()
        if url.startswith("rediss://") and self.ca_file:
            options["ssl_ca_certs"] = str(self.ca_file)
        return options


class ApiSettings(_Group):
    """The HTTP door."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, description="port to listen on", ge=0, le=65535)
    demo: bool = Field(default=True, description="serve the demo careers site at /")
    openapi: bool | None = Field(None, description="answer /openapi.json; unset: on embedded servers only")
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="addresses and networks, joined by commas, whose X-Forwarded-For and -Proto are believed",
    )
    keys_file: Path | None = Field(None, description="YAML file of API keys; see docs/howto/keys.md")
    budget: Duration = Field(
        timedelta(milliseconds=30), description="how long a decision may take when the request names no budget"
    )
    longest_wait: Duration = Field(
        timedelta(milliseconds=10),
        description="how long a call may wait for those before it; while a queue stands, who would wait longer is answered 429",
        gt=timedelta(),
    )
    in_flight: int = Field(512, description="collect calls in work before new ones are answered 429", ge=1)


class IdentitySettings(_Group):
    """Whom the API believes: signed anonymous ids, candidates' tokens and colleagues' tokens; docs/howto/tokens.md."""

    anonymous_keys_file: Path | None = Field(
        None,
        description="JWK Set whose first shared secret signs anonymous ids; unset: none are made, embedded: a passing one",
    )
    require_signed_ids: bool = Field(
        default=False, description="take from pages only anonymous ids that `POST /v1/visitors` made"
    )
    candidate_keys: str | None = Field(
        None,
        description="JWK Set (file or https URL) that checks the tokens of logged-in candidates; unset: none is believed",
    )
    candidate_issuer: str = Field("", description="`iss` of candidates' tokens")
    candidate_audience: str = Field("careerstream", description="`aud` of candidates' tokens")
    staff_keys: str | None = Field(
        None,
        description="JWK Set (file or https URL, such as an OpenID provider's jwks_uri) that checks colleagues' tokens",
    )
    staff_issuer: str = Field("", description="`iss` of colleagues' tokens")
    staff_audience: str = Field("careerstream", description="`aud` of colleagues' tokens")
    staff_roles_claim: str = Field("roles", description="claim that lists a colleague's roles; dots go into objects")


class LimitsSettings(_Group):
    """How many calls a second each of these may make, 0: as many as come. Four seconds' worth may come at once."""

    per_key: float = Field(5_000, description="of a publishable or secret key", ge=0)
    per_ad_token: float = Field(500, description="of an ad token", ge=0)
    per_visitor: float = Field(20, description="of a page for one visitor, unless from this machine", ge=0)
    per_address: float = Field(100, description="of pages from one address, unless from this machine", ge=0)
    per_colleague: float = Field(20, description="of a colleague", ge=0)


class OpenDsrSettings(_Group):
    """Answering controllers' requests about people, signed; docs/privacy.md."""

    certificate_file: Path | None = Field(
        None,
        description="PEM file of a certificate for this API's domain, the chain behind it; unset: none is taken, embedded: a passing one",
    )
    key_file: Path | None = Field(None, description="PEM file of its private key (RSA or ECDSA), without a password")


class WebhookSettings(_Group):
    """Telling other systems what becomes of people; docs/howto/webhooks.md."""

    file: Path | None = Field(None, description="YAML file of webhooks; unset: none is told")
    hosts: str = Field("", description="host names, joined by commas, that webhooks and OpenDSR callbacks may lead to")
    loopback: bool = Field(
        default=False, description="allow http to this machine, to try it out; embedded servers only"
    )
    metrics_port: int = Field(0, description="port of the process's Prometheus page; 0: none", ge=0, le=65535)


class WorkerSettings(_Group):
    """The agents."""

    count: int = Field(1, description="worker processes that `careerstream up` starts", ge=1, le=64)
    group: str = Field("careerstream", description="Kafka's consumer group")
    member: str | None = Field(None, description="static member id, one for each worker; unset: host name and number")
    batch: int = Field(512, description="records of one batch at most", ge=1, le=2048)
    session_timeout: Duration = Field(
        timedelta(seconds=10), description="how long a silent worker keeps its partitions"
    )
    metrics_port: int = Field(
        0, description="port of worker 0's Prometheus page, worker 1's is one higher; 0: none", ge=0, le=65535
    )


class PrivacySettings(_Group):
    """What seals personal fields. See docs/privacy.md."""

    master_keys: SecretStr | None = Field(
        None, description="name:key, several joined by commas, the current one first; keys are 32 bytes in base64"
    )
    master_keys_file: Path | None = Field(None, description="the same in a file, one to a line")
    key_store: str | None = Field(
        None,
        description="URL of a Redis of its own for personal keys; unset: the profiles' Redis, whose backups then hold them",
    )


class Settings(BaseSettings):
    """All settings, frozen; see docs/reference/settings.md, which is made from this class."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid")

    kafka: KafkaSettings = KafkaSettings()
    redis: RedisSettings = RedisSettings()
    api: ApiSettings = ApiSettings()
    identity: IdentitySettings = IdentitySettings()
    limits: LimitsSettings = LimitsSettings()
    worker: WorkerSettings = WorkerSettings()
    webhooks: WebhookSettings = WebhookSettings()
    opendsr: OpenDsrSettings = OpenDsrSettings()
    privacy: PrivacySettings = PrivacySettings()
    config: Path | None = Field(
        None,
        description="folder with selectors.yaml, segments.yaml, pins.yaml and privacy.yaml; a file it lacks is the shipped one",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is logged")

    @property
    def embedded(self) -> bool:
        """Say whether broker or Redis are ours to start: then nothing outlives the process, and the demo keys hold."""
        return self.kafka.bootstrap is None or self.redis.url is None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Answer the settings of an environment, or raise SettingsError that names each variable that is wrong."""
    known = set(variable_names())
    for name in environment:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            close = difflib.get_close_matches(name.upper(), known, 1)
            hint = f"did you mean {close[0]}?" if close else "docs/reference/settings.md lists the names"
            raise SettingsError(f"{name} is not a setting; {hint}")
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(
            "; ".join(_sentence(problem["loc"], problem["msg"]) for problem in error.errors())
        ) from error


def variable_names() -> Iterator[str]:
    """Answer the name of every variable that may be set."""
    for name, field in Settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, _Group):
            yield from (f"{PREFIX}{name}__{inner}".upper() for inner in group.model_fields)
        else:
            yield f"{PREFIX}{name}".upper()


def _sentence(location: tuple[int | str, ...], problem: str) -> str:
    return f"{PREFIX}{'__'.join(str(part) for part in location).upper()}: {problem[:1].lower()}{problem[1:]}"
