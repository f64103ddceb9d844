"""The index: columns and lists that follow the records."""

from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import given, settings

from catalog.columns import SLOTS
from catalog.index import Catalog
from schemas.content import Content
from schemas.jobs import Job
from tests.unit.catalog.items import JOBS
from tests.unit.scorers.builders import CHANCES, DAY, NOW, a_catalog, a_job, postings


def _rows_of(catalog: Catalog, dimension: str, value: str) -> list[str]:
    code = catalog.dictionary.find(dimension, value)
    return [catalog.ids[row] for row in catalog.newest_of(code, 1000)]


def _near(catalog: Catalog) -> list[tuple[float, str]]:
    return [(km, catalog.dictionary.label(code)) for km, code in catalog.places_around(50.9, 7.0, 9)]


def test_a_posting_is_found_by_each_of_its_values_newest_last():
    catalog = a_catalog(a_job("old", posted_at=1), a_job("new", posted_at=3), a_job("middle", posted_at=2))

    assert _rows_of(catalog, "place", "Bonn, NW") == ["old", "middle", "new"]
    assert _rows_of(catalog, "occupation", "Nurses") == ["old", "middle", "new"]
    assert _rows_of(catalog, "term", "nurse") == ["old", "middle", "new"]


def test_a_changed_posting_leaves_the_lists_of_its_old_values():
    catalog = a_catalog(a_job("j-1"), a_job("j-2"))

    catalog.apply_job("j-1", a_job("j-1", town="Berlin", title="Cook"))

    assert _rows_of(catalog, "place", "Bonn, NW") == ["j-2"]
    assert _rows_of(catalog, "place", "Berlin, BE") == ["j-1"]
    assert _rows_of(catalog, "term", "nurse") == ["j-2"]


def test_a_deleted_posting_is_gone_at_once_but_remembered_by_what_it_was():
    catalog = a_catalog(a_job("j-1"))

    catalog.apply_job("j-1", None)

    assert catalog.row("j-1") is None
    assert catalog.job("j-1") is None
    assert len(catalog) == 0
    assert _rows_of(catalog, "place", "Bonn, NW") == []
    assert catalog.facets("j-1")["place"] == ("Bonn, NW",)


def test_a_posting_that_comes_back_is_there_again():
    catalog = a_catalog(a_job("j-1"))
    catalog.apply_job("j-1", None)

    catalog.apply_job("j-1", a_job("j-1", town="Berlin"))

    assert catalog.row("j-1") is not None
    assert _rows_of(catalog, "place", "Berlin, BE") == ["j-1"]


def test_the_same_record_again_changes_nothing():
    catalog = a_catalog(a_job("j-1"))
    before = catalog.revision

    assert not catalog.apply_job("j-1", a_job("j-1"))
    assert not catalog.apply_job("j-9", None)
    assert catalog.revision == before


def test_a_closed_posting_is_known_and_in_no_list():
    catalog = a_catalog(a_job("j-1", status="CLOSED"))

    assert catalog.row("j-1") is not None
    assert _rows_of(catalog, "place", "Bonn, NW") == []


def test_postings_leave_the_lists_when_they_end_and_come_back_when_time_does():
    catalog = a_catalog(a_job("ends", valid_through=NOW + DAY), a_job("stays"))

    catalog.advance(NOW + 2 * DAY)
    after = _rows_of(catalog, "place", "Bonn, NW")
    catalog.advance(NOW)

    assert after == ["stays"]
    assert set(_rows_of(catalog, "place", "Bonn, NW")) == {"ends", "stays"}


def test_a_posting_that_is_prolonged_does_not_end_at_its_old_end():
    catalog = a_catalog(a_job("j-1", valid_through=NOW + DAY))
    catalog.apply_job("j-1", a_job("j-1", valid_through=NOW + 9 * DAY))

    catalog.advance(NOW + 2 * DAY)

    assert _rows_of(catalog, "place", "Bonn, NW") == ["j-1"]


def test_the_text_is_kept_only_where_it_is_asked_for():
    job = a_job("j-1", description="Long.")

    plain, keeping = a_catalog(job), a_catalog(job, keep_documents=True)

    assert plain.job("j-1") == plain.document("j-1") == replace(job, description="")
    assert keeping.document("j-1") == job


def test_the_key_of_the_record_names_the_posting():
    catalog = Catalog()

    catalog.apply_job("key", a_job("other"))

    job = catalog.job("key")
    assert job is not None
    assert job.id == "key"


def test_a_posting_that_changes_a_thousand_times_leaves_nothing_behind_and_still_ends():
    catalog = Catalog()
    for number in range(5_000):
        catalog.apply_job("j-1", a_job("j-1", valid_through=NOW + DAY + number))

    assert len(catalog._ending) < 2_000
    catalog.advance(NOW + 2 * DAY)
    assert _rows_of(catalog, "place", "Bonn, NW") == []


def test_content_is_known_by_the_key_of_its_record():
    catalog = Catalog()

    catalog.apply_content("key", Content("other", "hero", "x"))

    assert catalog.contents.columns(catalog.dictionary).position == {"key": 0}


def test_the_memory_of_retired_postings_is_bounded(monkeypatch):
    monkeypatch.setattr("catalog.index.RETIRED_LIMIT", limit := 1_000)
    catalog = Catalog()
    for number in range(3 * limit):
        catalog.apply_job(f"j-{number}", a_job(f"j-{number}"))
        catalog.apply_job(f"j-{number}", None)

    assert len(catalog.known_rows) == limit
    assert catalog.facets("j-0") == {}
    assert catalog.columns.capacity < 2 * limit


def test_a_town_is_found_without_its_region_and_in_any_case():
    catalog = a_catalog(a_job("j-1", town="Köln"))

    assert catalog.dictionary.matching("place", "köln") == catalog.dictionary.matching("place", "KÖLN, NW") != ()


def test_places_around_a_point_come_nearest_first():
    catalog = a_catalog(a_job("a", town="Köln"), a_job("b", town="Bonn"), a_job("c", town="Berlin"))

    near = catalog.places_around(50.73, 7.10, 5)

    assert [catalog.dictionary.label(code) for _, code in near] == ["Bonn, NW", "Köln, NW"]


def test_a_text_is_searched_as_it_was_when_it_was_indexed_last_and_gone_at_once():
    catalog = a_catalog(a_job("j-1", title="Nurse"), a_job("j-2", title="Cook"), keep_documents=True)

    def finds(query: str) -> set[str]:
        return {catalog.ids[row] for row in np.flatnonzero(catalog.text.by_words(query, catalog.columns.capacity))}

    assert (catalog.unindexed, finds("nurse")) == (2, set())
    catalog.index_texts(1)
    assert (catalog.unindexed, finds("nurse"), finds("cook")) == (1, {"j-1"}, set())
    catalog.apply_job("j-1", a_job("j-1", title="Driver"))
    catalog.apply_job("j-2", None)
    assert (catalog.unindexed, finds("nurse")) == (1, {"j-1"})
    catalog.index_texts(9)
    assert (catalog.unindexed, finds("nurse"), finds("driver")) == (0, set(), {"j-1"})


def test_rarer_words_are_rarer():
    catalog = a_catalog(*[a_job(f"j-{number}") for number in range(9)], a_job("j-9", title="Cook"))

    nurse, cook = catalog.rarity(np.array([catalog.dictionary.find("term", word) for word in ("nurse", "cook")]))

    assert nurse < cook


@settings(max_examples=100)
@given(JOBS)
def test_whatever_a_record_may_say_can_be_indexed_and_taken_out_again(job: Job):
    catalog = a_catalog(job, keep_documents=True)

    assert catalog.document(job.id) == job
    catalog.apply_job(job.id, None)
    assert len(catalog.newest(9)) == 0
    assert all(catalog.count_of(code) == 0 for code in range(len(catalog.dictionary)))


@settings(max_examples=100)
@given(CHANCES)
def test_lists_and_middles_are_those_of_a_catalogue_read_afresh_whatever_happened_before(chance: Random):
    jobs = postings(chance, 12)
    lived = Catalog()
    state: dict[str, Job] = {}
    for job in chance.choices(jobs, k=30):
        match chance.choice(["put", "change", "delete", "settle", "advance"]):
            case "put":
                state[job.id] = job
            case "change":
                state[job.id] = replace(job, places=jobs[0].places, posted_at=chance.randint(1, 9))
            case "delete":
                state.pop(job.id, None)
            case "settle":
                lived.settle()
            case "advance":
                lived.advance(chance.choice([NOW, NOW + 10 * DAY]))
        lived.apply_job(job.id, state.get(job.id))
    lived.advance(NOW)
    fresh = a_catalog(*state.values())
    fresh.advance(NOW)

    for dimension in SLOTS:
        for code in fresh.dictionary.codes_of(dimension):
            value = fresh.dictionary.label(code)
            assert _rows_of(lived, dimension, value) == _rows_of(fresh, dimension, value)
    assert [lived.ids[row] for row in lived.newest(99)] == [fresh.ids[row] for row in fresh.newest(99)]
    assert _near(lived) == _near(fresh)
    assert len(lived) == len(fresh) == len(state)
