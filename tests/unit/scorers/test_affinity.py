"""Affinities in words are the same opinion as the tables of the pipeline."""

from random import Random

import pytest
from hypothesis import given, settings

from catalog.columns import SLOTS
from scorers.affinity import DIMENSIONS, affinities
from scorers.deeds import deeds_of
from scorers.policy import Interest
from scorers.taste import LIKED, PRIVATE_DIMENSIONS, SEARCHED, taste_of
from tests.unit.scorers.builders import CHANCES, NOW, a_catalog, a_job, a_person, asked, postings, somebody


def test_the_strongest_come_first_and_are_shares_of_behaviour():
    catalog = a_catalog(a_job("a"), a_job("b", title="Cook", town="Berlin", employer="Inn"), a_job("c"))

    found = affinities(a_person(viewed=["a", "c", "b"]), catalog, NOW)

    assert list(found["place"]) == ["Bonn, NW", "Berlin, BE"]
    assert 0 < found["place"]["Berlin, BE"] < found["place"]["Bonn, NW"] < 1


def test_a_dismissal_makes_an_affinity_negative():
    catalog = a_catalog(a_job("a"))

    found = affinities(a_person(dismissed=["a"]), catalog, NOW)

    assert found["employer"]["City Hospital"] < 0
    assert found["place"] == {}


def test_a_mark_that_was_taken_back_is_no_evidence():
    catalog = a_catalog(a_job("a"))

    assert affinities(a_person(saved={}, liked={}), catalog, NOW)["place"] == {}
    assert affinities(a_person(saved={"a": NOW}), catalog, NOW)["place"] != {}


def test_what_was_stated_is_not_mixed_in():
    catalog = a_catalog(a_job("a"))

    assert affinities(a_person(preferences=asked(occupations=("nurses",))), catalog, NOW)["occupation"] == {}


def test_a_guess_that_the_person_called_wrong_is_gone_and_the_others_stay():
    catalog = a_catalog(a_job("a"), a_job("b", town="Berlin"))
    wrong = {"place": frozenset({"Bonn, NW"})}

    before = affinities(a_person(viewed=["a", "b"]), catalog, NOW)
    after = affinities(a_person(viewed=["a", "b"], corrections=wrong), catalog, NOW)

    assert "Bonn, NW" in before["place"]
    assert set(after["place"]) == set(before["place"]) - {"Bonn, NW"}
    assert after["occupation"] == before["occupation"]


def test_a_corrected_value_speaks_in_no_table_of_the_pipeline():
    catalog = a_catalog(a_job("a"))
    person = a_person(viewed=["a"], corrections={"place": frozenset({"Bonn, NW"})})
    deeds = deeds_of([person], catalog=catalog, interest=Interest(), now=NOW)
    taste = taste_of([person], deeds, catalog=catalog, interest=Interest(), now=NOW)
    place, work = catalog.dictionary.find("place", "Bonn, NW"), catalog.dictionary.find("occupation", "Nurses")

    assert taste.tables[LIKED, taste.local[place]] == 0
    assert taste.tables[LIKED, taste.local[work]] > 0


def test_there_are_nine_dimensions_and_no_others():
    found = affinities(a_person(), a_catalog(), NOW)

    assert tuple(found) == DIMENSIONS
    assert len(found) == 9
    with pytest.raises(KeyError):
        found["age"]


@settings(max_examples=80)
@given(CHANCES)
def test_they_say_what_the_pipeline_s_tables_say(chance: Random):
    jobs = postings(chance)
    person = somebody(chance, jobs)
    catalog, interest = a_catalog(*jobs), Interest()
    deeds = deeds_of([person], catalog=catalog, interest=interest, now=NOW)
    taste = taste_of([person], deeds, catalog=catalog, interest=interest, now=NOW)

    found = affinities(person, catalog, NOW)

    for dimension in DIMENSIONS:
        for code in catalog.dictionary.codes_of(dimension):
            at = taste.local[code]
            strength = min(float(taste.tables[LIKED][at] + taste.tables[SEARCHED][at]), 1.0)
            strength -= float(taste.disliked[at]) if dimension in PRIVATE_DIMENSIONS else 0.0
            told = found[dimension].get(catalog.dictionary.label(code), 0.0)
            assert told == pytest.approx(strength, abs=0.006)
    assert set(SLOTS) >= set(DIMENSIONS)
