"""Two people who differ in a protected attribute, or in what stands for one, are decided for alike, byte for byte."""

from collections.abc import Mapping
from typing import Any

import pytest

from catalog.index import Catalog
from profiles.candidate import Stored, merge
from profiles.fold import fold
from profiles.sections import EMPTY
from profiles.store import SectionKey
from schemas.consent import PERSONALIZATION
from schemas.decision_json import decision_json
from schemas.events import event_of, topic_of
from schemas.messages import Message, MessageType
from scorers.models import PriorModel
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.query import Query
from scorers.trained import usable_model
from scorers.trends import Trends
from tests.learning.site import START, postings

ADA: Mapping[str, Any] = {
    "firstName": "Ada", "lastName": "Okafor", "gender": "female", "pronouns": "she/her", "salutation": "Ms", "sex": "f", "race": "black",
    "ethnicity": "igbo", "nationality": "NG", "birthday": "1961-02-03", "age": 65, "graduationYear": 1983, "nativeLanguage": "ig",
    "photo": "https://example.com/ada.jpg", "avatar": "https://example.com/a.png", "maritalStatus": "married", "children": 3,
    "religion": "x", "disability": "y", "school": "Girls' College", "address": {"country": "DE", "postalCode": "10115"},
}  # fmt: skip
BEN: Mapping[str, Any] = {
    "firstName": "Ben", "lastName": "Huber", "gender": "male", "pronouns": "he/him", "salutation": "Mr", "sex": "m", "race": "white",
    "ethnicity": "german", "nationality": "DE", "birthday": "1999-02-03", "age": 27, "graduationYear": 2021, "nativeLanguage": "de",
    "photo": "https://example.com/ben.jpg", "avatar": "https://example.com/b.png", "maritalStatus": "single", "children": 0,
    "religion": "z", "disability": "", "school": "Boys' College", "address": {"country": "DE", "postalCode": "81925"},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ADA))
@pytest.mark.parametrize("deciding", ["prior", "trained"])
def test_a_swapped_attribute_changes_no_byte_of_a_decision(name, deciding, training):
    model = PriorModel() if deciding == "prior" else usable_model(training.model)
    catalog = Catalog()
    for job in postings():
        catalog.apply_job(job.id, job)
    catalog.settle()

    decided = [
        _decided({**ADA, name: other[name]}, catalog=catalog, policy=Policy(), model=model) for other in (ADA, BEN)
    ]

    assert decided[0] == decided[1]
    assert b"j-" in decided[0][0]


def _decided(traits: Mapping[str, Any], **by: Any) -> tuple[bytes, bytes]:
    """Answer the decision and the features for somebody who gave these traits, and looked at two postings."""
    said: list[tuple[MessageType, str | None, Mapping[str, Any], Mapping[str, Any]]] = [
        ("identify", None, {}, traits),
        ("track", "Preference Set", {"key": "skills", "value": ["sql", "python"]}, {}),
        *[("track", "Job Viewed", {"job_id": f"j-{number}"}, {}) for number in (3, 8)],
    ]
    sections: dict[SectionKey, Stored] = {}
    for number, (kind, event, properties, given) in enumerate(said):
        message = Message(
            message_id=f"m-{number}",
            type=kind,
            event=event,
            event_time=START + number,
            received_at=START + number,
            user_id="4711",
            verified=True,
            properties=properties,
            traits=given,
            consent={PERSONALIZATION: True},
        )
        meaning = event_of(message)
        key = (topic_of(meaning), message.candidate_id)
        before = sections.get(key) or Stored(EMPTY[key[0]], -1)
        sections[key] = Stored(fold(before.section, meaning), before.offset + 1)
    query = Query(merge("u:4711", sections), "d-1")
    ((decision, recall),) = decide([query], trends=Trends(), now=START + 1_000, **by)
    return decision_json(decision), recall().matrix
