import pytest

from catalog.understanding.distance import commute_of, distance_between
from catalog.understanding.remote import regions_in, workplace_in
from schemas.jobs import Place


@pytest.mark.parametrize(
    ("text", "name", "country"),
    [
        ("Austin, TX", "Austin", "US"),
        ("New York, NY 10001", "New York City", "US"),
        ("Berlin, Germany", "Berlin", "DE"),
        ("München", "Munich", "DE"),
        ("Cambridge, MA, USA", "Cambridge", "US"),
        ("London - United Kingdom", "London", "GB"),
    ],
)
def test_a_place_as_people_write_it_is_found(understanding, text, name, country):
    place = understanding.gazetteer.read(text)

    assert (place.locality, place.country) == (name, country)
    assert place.latitude is not None


@pytest.mark.parametrize("text", ["", "Springfield", "Remote", "Nowhere at all", "x" * 500])
def test_a_name_that_may_be_several_places_or_none_is_not_guessed(understanding, text):
    assert understanding.gazetteer.read(text) is None


def test_a_stated_position_is_kept_and_a_missing_one_is_looked_up(understanding):
    stated = Place(locality="Berlin", country="DE", latitude=1.0, longitude=2.0)

    assert understanding.gazetteer.located(stated) is stated
    assert understanding.gazetteer.located(Place(locality="Berlin", country="DE")).latitude == pytest.approx(
        52.5, abs=0.1
    )


def test_wages_are_those_of_the_narrowest_area_that_has_them(understanding):
    def area(place):
        return understanding.wages.of("15-1252.00", place, understanding.gazetteer.states).area

    assert area(Place(locality="New York", region="NY", country="US")).startswith("New York")
    assert area(Place(locality="Nowhere", region="TX")) == "Texas"
    assert area(None) == "National"


def test_there_are_no_wages_for_other_countries_and_other_work(understanding):
    states = understanding.gazetteer.states

    assert understanding.wages.of("15-1252.00", Place(country="DE"), states) is None
    assert understanding.wages.of("99-9999.00", None, states) is None


@pytest.mark.parametrize(
    ("km", "band"), [(0, "NEAR"), (5, "NEAR"), (14, "EASY"), (30, "DAILY"), (59, "LONG"), (61, "FAR")]
)
def test_a_way_to_work_has_a_band(km, band):
    assert commute_of(km) == band


def test_a_distance_needs_two_positions(understanding):
    berlin, munich = understanding.gazetteer.read("Berlin"), understanding.gazetteer.read("Munich")

    assert distance_between(berlin, munich) == pytest.approx(504, rel=0.05)
    assert distance_between(berlin, Place(locality="Nowhere")) is None


@pytest.mark.parametrize(
    ("title", "text", "workplace"),
    [
        ("Engineer (Remote)", "", "REMOTE"),
        ("Engineer", "This is a fully remote position.", "REMOTE"),
        ("Engineer", "Hybrid: two days at home.", "HYBRID"),
        ("Engineer", "You drive hybrid vehicles.", None),
        ("Engineer", "This is not a remote position.", None),
        ("Engineer", "You install remote controls.", None),
    ],
)
def test_words_say_whether_work_is_done_from_afar(title, text, workplace):
    assert workplace_in(title, text) == workplace


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("Remote - US", ("US",)),
        ("remote within the United Kingdom only", ("GB",)),
        ("Remote (EU)", ("EU",)),
        ("Remote in it departments", ()),
        ("Work at the desk", ()),
    ],
)
def test_words_say_from_where_one_may_work(understanding, text, regions):
    assert regions_in(text, understanding.gazetteer) == regions
