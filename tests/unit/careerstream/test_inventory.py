"""The inventory leaves nothing out that the schemas let in."""

from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from careerstream.inventory import EVENTS, KEYS, SECTIONS, inventory_page
from profiles.redis_layout import Layout
from schemas.consent import NAMES
from schemas.personal import IDENTIFYING, IN_TRAITS
from schemas.topics import CANDIDATE_TOPICS, Topic

PAGE = inventory_page("made")


@pytest.mark.parametrize("topic", CANDIDATE_TOPICS)
def test_every_member_of_every_event_and_section_is_in_it(topic):
    kinds = [*get_args(EVENTS[topic]), SECTIONS[topic]]
    members = {each.name for kind in kinds for each in fields(kind)} - {"at", "id"}

    assert all(kind.__name__ in PAGE for kind in kinds[:-1])
    assert {name for name in members if f"`{name}`" not in PAGE} == set()


def test_every_topic_purpose_source_and_sealed_member_is_in_it():
    named = [*NAMES, *IDENTIFYING, *IN_TRAITS, *(f"careers.{topic.value}" for topic in Topic)]

    assert [name for name in named if f"`{name}`" not in PAGE] == []


def test_every_kind_of_key_that_the_profile_store_writes_is_in_it():
    source = (Path(__file__).parents[3] / "profiles" / "redis_layout.py").read_text()
    kinds = {"s", "d", "seg", "links", "redirect", "members", "due", "undecided", "outbox"}
    listed = " ".join(KEYS)

    assert Layout("careers").of("g1", "d", "u:x") == "careers:g1:d:u:x"
    assert all(f'"{kind}"' in source or f":{kind}:" in source for kind in kinds - {"s"})
    assert {kind for kind in kinds if kind not in listed} == set()


def test_what_needs_no_consent_is_said_to_need_none():
    assert "| applications | ApplicationMoved | `job_id`, `stage`, `application_id` |  |" in PAGE
    assert "| clicks | JobViewed | `job_id`, `decision_id`, `position`, `counted` | yes |" in PAGE
