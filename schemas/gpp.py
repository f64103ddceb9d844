"""What a GPP string (Global Privacy Platform) allows: sections 2 (TCF) and 7 (US national) are read.

An unknown section may hold an opt-out, so it is taken as one: of advertising, which is what US opt-outs are about.
"""

from schemas.bits import Bits, UnreadableBits
from schemas.tcf import consents_of_tcf

_TYPE, _VERSION = 3, 1
_TCF_EU, _US_NATIONAL = 2, 7
_OPTED_OUT = 1
_OPT_OUTS_AT = 18
"""Where SaleOptOut, SharingOptOut and TargetedAdvertisingOptOut stand in the core of section 7, two bits each."""
_GPC_SEGMENT = 1


def consents_of_gpp(consent: str) -> dict[str, bool]:
    """Answer what the string says about our purposes; a purpose that is not there was not asked about."""
    header, *sections = consent.split("~")
    try:
        said: dict[str, bool] = {}
        for number, section in zip(_section_ids(header), sections, strict=True):
            for purpose, given in _consents_of(number, section).items():
                said[purpose] = said.get(purpose, True) and given
    except ValueError:  # unreadable, or not as many sections as the header names
        return {"advertising": False}
    return said


def _section_ids(header: str) -> list[int]:
    bits = Bits(header)
    if bits.next(6) != _TYPE or bits.next(6) != _VERSION:
        raise UnreadableBits("no header of this version")
    return list(bits.next_range())


def _consents_of(number: int, section: str) -> dict[str, bool]:
    if number == _TCF_EU:
        return consents_of_tcf(section)
    if number != _US_NATIONAL:
        return {"advertising": False}
    core, *more = section.split(".")
    bits = Bits(core)
    opted_out = any(bits.at(_OPT_OUTS_AT + 2 * place, 2) == _OPTED_OUT for place in range(3))
    return {"advertising": not opted_out and not any(map(_signals_gpc, more))}


def _signals_gpc(segment: str) -> bool:
    bits = Bits(segment)
    return bits.at(0, 2) == _GPC_SEGMENT and bits.at(2, 1) == 1
