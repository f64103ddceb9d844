from dataclasses import replace

import numpy as np
import pytest

from catalog.text.vectors import shipped_vectors
from catalog.understanding.making.meanings import meanings_table
from catalog.understanding.making.titles import Named, taxonomy_table
from catalog.understanding.taxonomy import CONFIDENT, read_taxonomy
from catalog.understanding.title_words import title_words


@pytest.mark.parametrize(
    ("title", "code", "isco"),
    [
        ("Senior Software Engineer", "15-1252.00", "2512"),
        ("Head Chef", "35-1011.00", "3434"),
        ("Data Scientists (m/f/d)", "15-2051.00", "2511"),
        ("CIVIL ENGINEER II", "17-2051.00", "2142"),
    ],
)
def test_a_title_as_people_write_it_is_an_occupation_of_both_taxonomies(understanding, title, code, isco):
    occupation = understanding.occupation(title)

    assert occupation.onet.code == code
    assert occupation.isco == isco


@pytest.mark.parametrize("title", ["", "asdf qwer", "Happiness Wizard", "()", "2026", "Krankenpfleger"])
def test_a_title_that_means_nothing_sure_is_unknown(understanding, title):
    occupation = understanding.occupation(title)

    assert occupation.onet is None
    assert occupation.isco is None


def test_the_likeliest_occupations_come_first_and_are_no_more_than_certain_together(understanding):
    ranked = understanding.onet.rank("Sales Engineer")
    chances = [match.confidence for match in ranked]

    assert chances == sorted(chances, reverse=True)
    assert 0 < sum(chances) <= 1.001


def test_a_title_that_is_not_sure_is_still_ranked(understanding):
    ranked = understanding.onet.rank("Wizard of engineering")

    assert ranked
    assert ranked[0].confidence < CONFIDENT


def test_ranks_and_small_words_do_not_change_the_work():
    assert title_words("Senior Director of the Engineering II") == title_words("Director Engineering")


def test_a_table_answers_with_the_titles_it_was_made_of():
    baker = Named("b", "food", ("Baker", "Bread Maker"), "Bakes bread and rolls.")
    smith = Named("s", "metal", ("Blacksmith", "Farrier"), "Forges iron.")
    made = read_taxonomy(taxonomy_table([baker, smith]))

    assert made.rank("bread maker")[0].code == "b"
    assert made.rank("farrier")[0].label == "Blacksmith"
    assert made.rank("pilot") == ()
    assert made.parent("s") == "metal"
    assert made.label("x") is None


def test_a_word_that_no_title_has_is_read_by_what_it_means():
    named = [Named("b", "food", ("Bread Maker",), ""), Named("s", "metal", ("Horseshoe Maker",), "")]
    vectors = shipped_vectors()
    counted = read_taxonomy(taxonomy_table(named))
    both = read_taxonomy({**taxonomy_table(named), **meanings_table(named, vectors)}, vectors)

    first, second = counted.rank("Cake Maker")
    assert first.confidence == pytest.approx(second.confidence, abs=0.05)
    assert both.rank("Cake Maker")[0].code == "b"
    assert both.rank("Cake Maker")[0].confidence > first.confidence
    assert both.rank("qzx") == ()


def test_of_two_as_likely_the_one_whose_related_occupations_are_likely_is_meant():
    cook = Named("c", "food", ("Cook", "Noodle Cook"), "", related=("b",))
    smith = Named("s", "metal", ("Smith", "Noodle Smith"), "", related=("w",))
    baker = Named("b", "food", ("Baker", "Noodle Baker"), "", related=("c",))
    welder = Named("w", "metal", ("Welder",), "", related=("s",))
    alone = [replace(each, related=()) for each in (smith, cook, baker, welder)]

    assert read_taxonomy(taxonomy_table(alone)).rank("Noodle Person")[0].code == "s"
    assert read_taxonomy(taxonomy_table([smith, cook, baker, welder])).rank("Noodle Person")[0].code != "s"


def test_an_occupation_whose_titles_nobody_reports_is_less_likely():
    doorman = Named("d", "food", ("Kitchen Person", "Doorman"), "")
    porter = Named("p", "food", ("Kitchen Person", "Porter"), "", frozenset({"Porter"}))

    assert read_taxonomy(taxonomy_table([doorman, porter])).rank("Kitchen Person")[0].code == "p"
    assert read_taxonomy(taxonomy_table([porter, doorman])).rank("Kitchen Person")[0].code == "p"


def test_a_title_that_lacks_the_word_of_nearly_all_of_an_occupations_titles_is_rather_anothers():
    kinds = ("Barn", "Church", "Copper", "Flat", "Garage", "Lead", "Metal", "Slate", "Tile", "Zinc")
    helping = tuple(f"{kind} Roofer Helper Crew" for kind in kinds)
    roofing = tuple(f"{kind} {'Roofer' if place % 2 else 'Thatcher'} Crew" for place, kind in enumerate(kinds))
    helpers, roofers = Named("h", "", helping, "", frozenset(helping)), Named("r", "", roofing, "", frozenset(roofing))
    made = read_taxonomy(taxonomy_table([helpers, roofers]))

    assert made.rank("Factory Roofer Person")[0].code == "r"
    assert made.rank("Factory Roofer Helper Person")[0].code == "h"


def test_a_word_that_one_occupation_of_a_group_has_speaks_for_the_others():
    named = [
        Named(code, group, (title,), "", frozenset({title}))
        for code, group, title in (
            ("k", "food", "Kettle Person"),
            ("f", "metal", "Furnace Person"),
            ("s", "metal", "Smelter"),
        )
    ]
    ranked = [match.code for match in read_taxonomy(taxonomy_table(named)).rank("Smelter Person")]

    assert ranked.index("f") < ranked.index("k")


def test_the_same_titles_make_the_same_table():
    named = [Named("b", "food", ("Baker", "Bread Maker"), "Bakes bread."), Named("s", "metal", ("Smith",), "Forges.")]
    one, other = ({**taxonomy_table(named), **meanings_table(named, shipped_vectors())} for _ in range(2))

    assert all(np.array_equal(one[name], other[name]) for name in one)
