"""What OpenDSR needs from the settings: who signs, and where callbacks may go."""

from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from api.processor import Processor, UnusableCertificate, parse_processor, passing_processor
from careerstream.errors import Stopped
from careerstream.settings import PREFIX, OpenDsrSettings, Settings
from streams.outward import ForbiddenTarget, Outward, Undelivered

log = structlog.get_logger("careerstream.opendsr")


def processor_in_force(settings: OpenDsrSettings, *, embedded: bool) -> Processor | None:
    """Answer who signs: the settings' certificate, one of its own on embedded servers, else nobody; or raise Stopped."""
    now = datetime.now(UTC)
    if settings.certificate_file is None or settings.key_file is None:
        if (settings.certificate_file, settings.key_file) != (None, None):
            raise Stopped(f"{PREFIX}OPENDSR__CERTIFICATE_FILE and {PREFIX}OPENDSR__KEY_FILE go together")
        return passing_processor("localhost", at=now) if embedded else None
    try:
        return parse_processor(settings.certificate_file.read_bytes(), settings.key_file.read_bytes(), at=now)
    except (UnusableCertificate, OSError) as error:
        raise Stopped(f"{PREFIX}OPENDSR__CERTIFICATE_FILE: {error}") from error


def outward_of(settings: Settings, *, embedded: bool) -> Outward:
    """Answer where posts may go, or raise Stopped."""
    if settings.webhooks.loopback and not embedded:
        raise Stopped(f"{PREFIX}WEBHOOKS__LOOPBACK is for embedded servers; real ones tell https hosts only")
    hosts = frozenset(host.strip() for host in settings.webhooks.hosts.split(",") if host.strip())
    return Outward(hosts, settings.webhooks.loopback)


class OutwardSender:
    """Sends callbacks by the same way out as webhooks."""

    def __init__(self, outward: Outward) -> None:
        self._outward = outward

    def problem(self, url: str) -> str | None:
        try:
            self._outward.check(url)
        except ForbiddenTarget as error:
            return str(error)
        return None

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            status = await self._outward.post(url, body, headers)
        except (ForbiddenTarget, Undelivered) as error:
            log.warning("callback_undelivered", problem=type(error).__name__)
            return False
        if not 200 <= status < 300:
            log.warning("callback_undelivered", problem=f"answered_{status}")
        return 200 <= status < 300
