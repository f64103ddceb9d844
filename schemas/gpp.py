"""What a GPP string allows: IAB Tech Lab's Global Privacy Platform, sections 2 (TCF), 6 (US Privacy), 7 (US national) and 8 to 27 (states).

An unknown section may hold an opt-out, so it is taken as one: of advertising, which is what US opt-outs are about.
"""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.bits import Bits, UnreadableBits
from schemas.tcf import Vendor, consents_of_tcf

_TYPE, _VERSION = 3, 1
_TCF_EU, _US_PRIVACY = 2, 6
_VERSION_BITS = 6
_NO, _MOST = 1, 2
"""Of a person's choice: opted out, or no consent; above 2 nothing is defined."""
_GPC_SEGMENT = 1


class _Layout(NamedTuple):
    """How a core segment goes on behind its version, in fields of two bits: the notices, then the person's choices.

    Choices are opt-outs of sale, sharing and targeted advertising, then one for each kind of sensitive data, for children, and for
    further uses. Which kinds a state tells apart changes nothing: none of them is kept here.
    """

    notices: int
    choices: int


_US: Mapping[tuple[int, int], _Layout] = {
    (7, 1): _Layout(6, 18),
    (7, 2): _Layout(6, 23),
    (8, 1): _Layout(3, 14),  # California
    (9, 1): _Layout(3, 11),  # Virginia
    (10, 1): _Layout(3, 10),  # Colorado
    (11, 1): _Layout(4, 11),  # Utah
    (12, 1): _Layout(3, 13),  # Connecticut
    (13, 1): _Layout(3, 14),  # Florida
    (14, 1): _Layout(3, 14),  # Montana
    (15, 1): _Layout(3, 17),  # Oregon
    (16, 1): _Layout(3, 12),  # Texas
    (17, 1): _Layout(3, 17),  # Delaware
    (18, 1): _Layout(4, 11),  # Iowa
    (19, 1): _Layout(3, 12),  # Nebraska
    (20, 1): _Layout(3, 14),  # New Hampshire
    (21, 1): _Layout(3, 18),  # New Jersey
    (22, 1): _Layout(3, 12),  # Tennessee
    (23, 1): _Layout(3, 12),  # Minnesota
}
"""By section and version."""

_CHOICES_BEHIND_MSPA: Mapping[int, int] = {24: 3, 25: 4, 26: 4, 27: 4}
"""Of Maryland, Indiana, Kentucky and Rhode Island: choices behind the version of the MSPA, whether it covers the transaction, its mode,
and three notices. So the texts (1.0, out for comment) have their core, and IAB Tech Lab's library (3.2) writes it. The texts put a header
before it that the library does not write; a string with one begins with another number than `_MSPA`, and is not read."""
_MSPA, _CORE_LETTERS = 1, 4
_MARYLAND = 24
_SENSITIVE_KINDS = 8


def consents_of_gpp(consent: str, vendor: Vendor | None = None) -> dict[str, bool]:
    """Answer what the string says about our purposes; a purpose that is not there was not asked about."""
    header, *sections = consent.split("~")
    try:
        said: dict[str, bool] = {}
        for number, section in zip(_section_ids(header), sections, strict=True):
            for purpose, given in _consents_of(number, section, vendor).items():
                said[purpose] = said.get(purpose, True) and given
    except ValueError:  # unreadable, or not as many sections as the header names
        return {"advertising": False}
    return said


def _section_ids(header: str) -> list[int]:
    bits = Bits(header)
    if bits.next(6) != _TYPE or bits.next(6) != _VERSION:
        raise UnreadableBits("no header of this version")
    return list(bits.next_range())


def _consents_of(number: int, section: str, vendor: Vendor | None) -> dict[str, bool]:
    if number == _TCF_EU:
        return consents_of_tcf(section, vendor)
    if number == _US_PRIVACY:
        return {"advertising": _is_open(section)}
    core, *more = section.split(".")
    if number in _CHOICES_BEHIND_MSPA:
        refused = _refuses_behind_mspa(number, core)
        says_no = _signals_gpc if number == _MARYLAND else _refuses_a_kind
    else:
        refused, says_no = _refuses(number, Bits(core)), _signals_gpc
    return {"advertising": not refused and not any(map(says_no, more))}


def _is_open(section: str) -> bool:
    """Say whether a US Privacy string, such as `1YNN`, neither opts out of sale nor says something else than its version may."""
    return len(section) == 4 and section[0] == "1" and section[2] in "N-"


def _refuses(number: int, core: Bits) -> bool:
    """Say whether a core segment says no to anything, or cannot be read."""
    layout = _US.get((number, core.next(_VERSION_BITS)))
    if layout is None:
        return True
    core.next(2 * layout.notices)
    return _has_a_no(core, layout.choices)


def _refuses_behind_mspa(number: int, core: str) -> bool:
    bits = Bits(core)
    version, covered, mode = bits.next(_VERSION_BITS), bits.next(2), bits.next(2)
    known = len(core) == _CORE_LETTERS and version == _MSPA and 1 <= covered <= _MOST and mode <= _MOST
    bits.next(2 * 3)
    return not known or _has_a_no(bits, _CHOICES_BEHIND_MSPA[number])


def _refuses_a_kind(segment: str) -> bool:
    """Say whether a segment about kinds of sensitive data says no to one."""
    return _has_a_no(Bits(segment), _SENSITIVE_KINDS)


def _has_a_no(bits: Bits, choices: int) -> bool:
    found = [bits.next(2) for _ in range(choices)]
    return any(choice == _NO or choice > _MOST for choice in found)


def _signals_gpc(segment: str) -> bool:
    bits = Bits(segment)
    return bits.at(0, 2) == _GPC_SEGMENT and bits.at(2, 1) == 1
