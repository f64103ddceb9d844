"""The gate: whether a message may count for a profile, by the consent that stands in the message itself.

A function of the message alone, so that a replay lets through what the first run did. What was taken back since is left out
when sections are merged (`profiles/candidate.py`).
"""

from collections.abc import Mapping
from typing import Any

from schemas.consent import BEHAVIOUR, ENRICHMENT, NEVER_USED, allows, allows_source
from schemas.events import ApplicationMoved, ConsentChanged, ContentTouched, Event, SurveyAnswered, TraitsGiven


def may_count(event: Event, consent: Mapping[str, bool] | None) -> bool:
    """Say whether an event may be folded under the consent that its message was stamped with.

    No consent is asked for the answer about consent itself, for the steps of an application, which the candidate takes to be
    considered, and for what was sent: it keeps people from being written to too often.
    """
    match event:
        case ConsentChanged() | ApplicationMoved() | SurveyAnswered() | ContentTouched(action="sent"):
            return True
        case TraitsGiven(source=source):
            return source not in NEVER_USED and allows_source(consent, source or BEHAVIOUR)
        case _:
            return allows_source(consent)


def without_source(name: str) -> tuple[str, str]:
    """Answer the source that a trait is kept under, "" for what the candidate or a system said, and the trait's own name."""
    source, mark, rest = name.partition(SOURCE_MARK)
    return (source, rest) if mark else ("", name)


def under_source(name: str, source: str | None) -> str:
    """Answer the name under which a trait of a source is kept."""
    return f"{source}{SOURCE_MARK}{name}" if source else name


SOURCE_MARK = "|"


def usable_traits(traits: Mapping[str, Any], consents: Mapping[str, bool]) -> dict[str, Any]:
    """Answer traits by their own names, without those whose source is not granted any more; what was said outright wins."""
    parted = [(*without_source(name), value) for name, value in traits.items()]
    granted = [
        (source, name, value)
        for source, name, value in parted
        if not source or (consents.get(source) is not False and allows(consents, ENRICHMENT))
    ]
    return {name: value for _, name, value in sorted(granted, key=lambda each: (each[0] == "", each[:2]))}
