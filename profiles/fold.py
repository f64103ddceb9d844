"""The fold: one section and one event in, the section after it out.

Pure, and indifferent to order: a section is a function of which events it saw. What only replaces or collects (marks,
traits, engagements …) is idempotent by nature; what counts (days, custom names) is guarded by the ring of message ids.
"""

from dataclasses import replace
from typing import assert_never

from profiles.consent import SOURCE_MARK, under_source
from profiles.fit import fit_text, fit_time, fit_value
from profiles.fold_clicks import fold_clicks
from profiles.fold_sessions import fold_sessions
from profiles.newest import add_newest, put_newest
from profiles.preferences import canonical_key
from profiles.rooms import CONSENTS, HISTORY, PREFERENCES, STAGES, SURVEYS, TRAIT_NAME_ROOM, TRAITS
from profiles.sections import FIRST_STAGE, Applications, Clicks, Profile, Section, Sessions
from profiles.sections import STAGES as STAGE_ORDER
from profiles.seen import seen_at, usable
from schemas.consent import NAMES
from schemas.events import (
    ApplicationEvent,
    ApplicationMoved,
    ClickEvent,
    ConsentChanged,
    Event,
    Linked,
    PreferenceSet,
    ProfileEvent,
    SessionEvent,
    SurveyAnswered,
    TraitsGiven,
)
from schemas.traits import is_denied

OWN_STAGES = frozenset({"started", "abandoned", "submitted", "withdrawn", "offer_accepted", "offer_declined"})
"""The moves that the candidate makes; the others are the employer's and no sign that the candidate was here."""

_STAGE_CODES = {stage: FIRST_STAGE + index for index, stage in enumerate(STAGE_ORDER)}
_SUBMITTED = _STAGE_CODES["submitted"]


def fold(section: Section, event: Event) -> Section:
    """Answer the section after one event; the same object when the event changes nothing.

    Raises MalformedMessage with the reason `unusable_id` when the event names a posting, content or survey by an id
    that cannot be kept, and TypeError when the event belongs to another topic's section.
    """
    match section:
        case Clicks() if isinstance(event, ClickEvent):
            return fold_clicks(section, event)
        case Sessions() if isinstance(event, SessionEvent):
            return fold_sessions(section, event)
        case Applications() if isinstance(event, ApplicationEvent):
            return _fold_applications(section, event)
        case Profile() if isinstance(event, ProfileEvent):
            return _fold_profile(section, event)
        case _:
            raise TypeError(f"{type(event).__name__} does not belong into {type(section).__name__}")


def _fold_applications(section: Applications, event: ApplicationEvent) -> Applications:
    at = fit_time(event.at)
    stages, history, surveys = section.stages, section.history, section.surveys
    own = True
    match event:
        case ApplicationMoved(job_id=job, stage=stage):
            own, code = stage in OWN_STAGES, _STAGE_CODES[stage]
            application = usable(event.application_id) if event.application_id else ""
            moved = (at, usable(job), application, int(code == _SUBMITTED), code)
            stages = put_newest(stages, moved, STAGES, key=3)
            history = add_newest(history, (at, code, job), HISTORY)
        case SurveyAnswered(survey_id=survey, score=score):
            surveys = put_newest(surveys, (at, usable(survey), _score(score)), SURVEYS)
        case _:
            assert_never(event)
    first, last = seen_at(section, at) if own else (section.first_seen, section.last_seen)
    unseen = first == section.first_seen and last == section.last_seen
    if unseen and stages is section.stages and history is section.history and surveys is section.surveys:
        return section
    return Applications(first, last, stages, history, surveys)


def _score(score: float | None) -> float | None:
    """Answer the score with two decimals, in eight characters; what is no such number is no score."""
    return float(round(score, 2)) + 0.0 if score is not None and -10_000 < score < 10_000 else None


def _fold_profile(section: Profile, event: ProfileEvent) -> Profile:
    at = fit_time(event.at)
    match event:
        case TraitsGiven(traits=given, source=source):
            traits = section.traits
            for name, value in given.items():
                kept = fit_text(name.replace(SOURCE_MARK, " "), TRAIT_NAME_ROOM)
                if not is_denied(name) and not is_denied(kept):
                    kept = fit_text(under_source(kept, source), TRAIT_NAME_ROOM)
                    traits = put_newest(traits, (at, kept, *fit_value(value)), TRAITS, key=2)
            return section if traits is section.traits else replace(section, traits=traits)
        case PreferenceSet(key=key, value=value):
            name = fit_text(canonical_key(key), TRAIT_NAME_ROOM)
            if is_denied(key) or is_denied(name):
                return section
            preferences = put_newest(section.preferences, (at, name, *fit_value(value)), PREFERENCES, key=2)
            return _seen(section, replace(section, preferences=preferences), at)
        case ConsentChanged(purposes=purposes):
            # A site's own categories decide nothing and stand in the consent records: here they could push out what does.
            consents = section.consents
            for purpose in [name for name in NAMES if name in purposes]:
                consents = put_newest(consents, (at, purpose, int(purposes[purpose])), CONSENTS)
            return _seen(section, replace(section, consents=consents), at)
        case Linked():
            return section
        case _:
            assert_never(event)


def _seen(before: Profile, after: Profile, at: int) -> Profile:
    first, last = seen_at(before, at)
    unseen = first == before.first_seen and last == before.last_seen
    # Identity, not equality: 1, 1.0 and True are equal, and their bytes are not.
    if unseen and after.preferences is before.preferences and after.consents is before.consents:
        return before
    return replace(after, first_seen=first, last_seen=last)
