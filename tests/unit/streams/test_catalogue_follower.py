"""Applying catalogue records: what a record does to the catalogue, without a broker."""

import pytest
from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from catalog.index import Catalog
from schemas.content import Content
from schemas.content_json import content_to_json
from schemas.job_json import job_to_json
from schemas.topics import TopicNames
from streams.catalogue_follower import CatalogueFollower
from tests.unit.scorers.builders import a_job


def _record(topic: str, key: bytes | None, value: bytes | None) -> ConsumerRecord:
    return ConsumerRecord(topic, 0, 0, 0, 0, key, value, None, 0, 0, ())


@pytest.fixture
def changes() -> list[int]:
    return []


@pytest.fixture
def follower(changes: list[int]) -> CatalogueFollower:
    catalog = Catalog()
    return CatalogueFollower({}, TopicNames(), catalog, on_change=lambda: changes.append(catalog.revision))


async def _take(follower: CatalogueFollower, topic: str, *records: tuple[bytes | None, bytes | None]) -> None:
    await follower.apply({TopicPartition(topic, 0): [_record(topic, key, value) for key, value in records]})


async def test_a_record_puts_a_posting_in_and_an_empty_one_takes_it_out(
    follower: CatalogueFollower, changes: list[int]
):
    await _take(follower, "careers.jobs", (b"j-1", job_to_json(a_job("j-1"))))
    there = "j-1" in follower.catalog
    await _take(follower, "careers.jobs", (b"j-1", None))

    assert there
    assert "j-1" not in follower.catalog
    assert changes == [1, 2]


async def test_content_goes_to_the_content(follower: CatalogueFollower):
    await _take(follower, "careers.content", (b"c", content_to_json(Content("c", "hero", "Welcome"))))

    assert follower.catalog.content("c") is not None


@pytest.mark.parametrize("bad", [b"{", b"[]", b'{"id": "j"}', b'{"id": 5, "title": "x", "employer": "y"}', b"\xff"])
async def test_a_record_that_is_no_posting_is_counted_and_the_next_is_applied(follower: CatalogueFollower, bad: bytes):
    await _take(follower, "careers.jobs", (b"bad", bad), (b"j-1", job_to_json(a_job("j-1"))))

    assert follower.refused == 1
    assert list(follower.catalog.job_ids()) == ["j-1"]


async def test_a_bad_record_does_not_take_away_the_good_one_before_it(follower: CatalogueFollower):
    await _take(follower, "careers.jobs", (b"j-1", job_to_json(a_job("j-1"))), (b"j-1", b"{"))

    assert "j-1" in follower.catalog


async def test_a_record_without_a_key_is_refused(follower: CatalogueFollower):
    await _take(follower, "careers.jobs", (None, job_to_json(a_job("j-1"))), (b"\xff", None))

    assert follower.refused == 2
    assert len(follower.catalog) == 0


async def test_nothing_new_tells_nobody(follower: CatalogueFollower, changes: list[int]):
    await _take(follower, "careers.jobs", (b"j-1", job_to_json(a_job("j-1"))))
    await _take(follower, "careers.jobs", (b"j-1", job_to_json(a_job("j-1"))), (b"j-2", None))

    assert changes == [1]


async def test_it_is_not_caught_up_before_it_has_read(follower: CatalogueFollower):
    assert not follower.caught_up
