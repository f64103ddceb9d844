"""The wire form of a content item."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.content import Content
from schemas.content_json import MalformedContent, content_from_json, content_from_object, content_to_json
from tests.unit.catalog.items import CONTENT


@given(CONTENT)
def test_an_item_survives_the_wire(content):
    assert content_from_json(content_to_json(content)) == content


def test_facet_values_come_as_a_list():
    content = content_from_object(
        {"id": "c", "kind": "hero", "title": "T", "facets": {"workplace": ["REMOTE", "HYBRID"]}}
    )

    assert content.facets == {"workplace": ("REMOTE", "HYBRID")}


@pytest.mark.parametrize(
    ("member", "value", "sentence"),
    [
        ("kind", "poster", "kind is 'poster', expected one of hero, benefit, video, event"),
        ("kind", None, "kind is missing"),
        ("facets", {"workplaces": ["REMOTE"]}, "facets.workplaces is no facet, expected one of occupation, skill"),
        ("facets", {"skill": "Python"}, "facets.skill is 'Python', expected a list of at most 200 texts"),
        ("stages", ["dreaming"], "stages is 'dreaming', expected one of started, abandoned"),
        ("payload", [], "payload is [], expected an object"),
        ("payload", {"link": "javascript:alert(1)"}, "payload.link is 'javascript:alert(1)', expected an address"),
        ("payload", {"image": "//elsewhere.example/x.png"}, "payload.image is '//elsewhere.example/x.png'"),
        ("priority", "high", "priority is 'high', expected a whole number"),
        ("ends_at", "2020-01-01", "ends_at is not later than starts_at"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(member, value, sentence):
    with pytest.raises(MalformedContent) as refusal:
        content_from_object({"id": "c", "kind": "hero", "title": "T", "starts_at": "2026-01-01", member: value})

    assert str(refusal.value).startswith(sentence)


def test_a_path_on_the_own_site_is_a_link():
    content = content_from_object(
        {"id": "c", "kind": "hero", "title": "T", "payload": {"link": "/jobs?category=Health"}}
    )

    assert content.payload == {"link": "/jobs?category=Health"}


@given(st.binary())
def test_no_bytes_raise_anything_but_malformed_content(value):
    with contextlib.suppress(MalformedContent):
        content_from_json(value)


def test_members_with_a_default_may_be_left_out():
    assert content_from_object({"id": "c", "kind": "survey", "title": "T"}) == Content("c", "survey", "T")
