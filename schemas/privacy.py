"""What the controller decides about people's data: who that is, what is granted by itself, and how long what is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.config import Node, read_yaml
from schemas.consent import NAMES, NEVER_USED
from schemas.tcf import INTERESTS, Vendor

DAY_MS = 86_400_000
RETENTION: Mapping[str, tuple[str, int]] = {
    "profile": ("a person's sections, decision and memberships, since the person was last seen", 365 * DAY_MS),
    "anonymous": ("the same of a browser that never became a user", 90 * DAY_MS),
    "events": ("records of the candidate topics", 90 * DAY_MS),
    "decisions": ("records of the decision log", 180 * DAY_MS),
    "dead_letters": ("records of the dead letters", 30 * DAY_MS),
    "consents": ("consent records, since the consent was last in force", 3 * 365 * DAY_MS),
    "requests": ("requests for access and erasure, since they were answered", 3 * 365 * DAY_MS),
}
"""Classes of data: what each is, and how long it is kept unless the file says otherwise."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The text a person was shown: its version, where it stands, and in which jurisdiction it speaks."""

    version: str = "1"
    address: str = ""
    jurisdiction: str = ""


@dataclass(frozen=True, slots=True)
class Privacy:
    """The file as a whole. `defaults` names, by the source of a key, the consents that hold where nobody was asked.

    `vendor` is the controller in TCF's Global Vendor List; without one, TC strings are read by purpose alone.
    """

    controller: str = ""
    contact: str = ""
    notice: Notice = field(default_factory=Notice)
    defaults: Mapping[str, frozenset[str]] = field(default_factory=dict)
    vendor: Vendor | None = None
    retention_ms: Mapping[str, int] = field(default_factory=lambda: {name: ms for name, (_, ms) in RETENTION.items()})

    def default(self, source: str) -> frozenset[str]:
        """Answer what a source's messages are granted where they say nothing: nothing, unless the file says so."""
        return self.defaults.get(source, frozenset())


def load_privacy(text: str, file: str) -> Privacy:
    """Answer the privacy file's content, or raise ConfigError with file and line."""
    members = read_yaml(text, file).fields(optional=("controller", "contact", "notice", "consent", "retention"))
    consent = members["consent"].fields(optional=("default", "tcf_vendor")) if "consent" in members else {}
    granted = consent["default"].mapping() if "default" in consent else {}
    return Privacy(
        controller=members["controller"].text() if "controller" in members else "",
        contact=members["contact"].text() if "contact" in members else "",
        notice=_notice(members["notice"]) if "notice" in members else Notice(),
        defaults={source: _names(node) for source, node in granted.items()},
        vendor=_vendor(consent["tcf_vendor"]) if "tcf_vendor" in consent else None,
        retention_ms={**Privacy().retention_ms, **(_retention(members["retention"]) if "retention" in members else {})},
    )


def _notice(node: Node) -> Notice:
    members = node.fields(required=("version",), optional=("address", "jurisdiction"))
    return Notice(**{name: member.text() for name, member in members.items()})


def _vendor(node: Node) -> Vendor:
    members = node.fields(required=("id",), optional=("legitimate_interests",))
    claimed = members["legitimate_interests"].one_or_more() if "legitimate_interests" in members else ()
    return Vendor(members["id"].integer(minimum=1, maximum=65_535), frozenset(map(_claimed, claimed)))


def _claimed(node: Node) -> int:
    purpose = node.integer()
    if purpose not in INTERESTS:
        known = ", ".join(map(str, sorted(INTERESTS)))
        raise node.error(f"TCF lets nobody claim a legitimate interest for purpose {purpose}", f"known: {known}")
    return purpose


def _names(node: Node) -> frozenset[str]:
    grantable = [name for name in NAMES if name not in NEVER_USED]
    return frozenset(each.choice(grantable) for each in node.one_or_more())


def _retention(node: Node) -> dict[str, int]:
    return {name: member.duration_ms() for name, member in node.fields(optional=tuple(RETENTION)).items()}
