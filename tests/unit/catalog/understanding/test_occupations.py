from dataclasses import replace

import numpy as np
import pytest

from catalog.text.vectors import shipped_vectors
from catalog.understanding.making.meanings import meanings_table
from catalog.understanding.making.near_titles import near_table
from catalog.understanding.making.second_look import first_table, whole_table
from catalog.understanding.making.titles import Named, taxonomy_table
from catalog.understanding.near_titles import NearTitles
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


@pytest.mark.parametrize("title", ["C", "R D", "Manager", "Engineer, Sales", "Chief of Staff (Interim)"])
def test_each_occupation_of_a_title_has_a_probability(understanding, title):
    chances = [match.confidence for match in understanding.onet.rank(title)]

    assert len(chances) == 10
    assert all(0 <= chance <= 1 for chance in chances)


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


def test_a_title_is_near_where_its_words_stand_in_one_title_and_not_in_several():
    together = Named("t", "", ("Cake Oven Tender", "Clerk", "Bread Porter"), "")
    apart = Named("a", "", ("Cake Clerk", "Oven Porter", "Bread Tender"), "")
    near = NearTitles(near_table([together, apart])).signs("Cake Oven Cleaner", np.array([0, 1]))

    assert near[0, 0] > near[1, 0]


def test_a_reported_title_is_near_as_one_that_is_reported():
    told = Named("t", "", ("Oven Tender", "Clerk"), "", frozenset({"Oven Tender"}))
    near = NearTitles(near_table([told, replace(told, reported=frozenset())])).signs("Oven Cleaner", np.array([0, 1]))

    assert near[0, 0] == near[1, 0]
    assert near[0, 1] > near[1, 1] == 0


def test_a_word_of_one_letter_is_as_near_as_any_other_that_is_unknown():
    near = NearTitles(near_table([Named("c", "", ("C", "C Programmer"), "")])).signs("R", np.array([0]))

    assert np.isfinite(near).all()


def test_a_title_that_the_table_has_is_left_as_at_first_sight():
    named = [
        Named(str(place), "food", (f"{kind} Baker", f"{kind} Maker"), "Bakes.", frozenset({f"{kind} Maker"}))
        for place, kind in enumerate(("Bread", "Roll", "Cake", "Biscuit", "Waffle"))
    ]
    vectors = shipped_vectors()
    once, twice = (
        read_taxonomy(first_table(named, vectors), vectors),
        read_taxonomy(whole_table(named, vectors), vectors),
    )

    assert twice.rank("Senior cake maker") == once.rank("Senior cake maker")
    assert twice.rank("Cake Cook") != once.rank("Cake Cook")


def test_the_same_titles_make_the_same_table():
    named = [
        Named(
            "b",
            "food",
            ("Baker", "Bread Maker", "Roll Maker"),
            "Bakes bread.",
            frozenset({"Bread Maker", "Roll Maker"}),
        ),
        Named("s", "metal", ("Smith", "Farrier"), "Forges.", frozenset({"Farrier"})),
    ]
    one, other = (whole_table(named, shipped_vectors()) for _ in range(2))

    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_second_look_leaves_no_more_than_certain_in_all():
    named = [
        Named(str(place), "food", (f"{kind} Baker", f"{kind} Maker"), "Bakes.", frozenset({f"{kind} Maker"}))
        for place, kind in enumerate(("Bread", "Roll", "Cake", "Biscuit", "Waffle"))
    ]
    ranked = read_taxonomy(whole_table(named, shipped_vectors()), shipped_vectors()).rank("Cake Cook")

    assert ranked[0].code == "2"
    assert sum(match.confidence for match in ranked) == pytest.approx(1, abs=0.001)
