import pytest

from profiles.preferences import NO_PREFERENCES, Preferences, WantedPlace, canonical_key, read_preferences


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("employmentType", "employment_types"),
        ("Job-Types", "employment_types"),
        ("salary_min", "salary_min"),
        ("shifts", "shifts"),
    ],
)
def test_a_key_has_one_name(said, key):
    assert canonical_key(said) == key


@pytest.mark.parametrize(
    ("key", "said", "read"),
    [
        ("workplaces", "remote, on site", ("REMOTE", "ON_SITE")),
        ("workplaces", ["Hybrid", "hybrid", "moon"], ("HYBRID",)),
        ("employment_types", "Full-Time", ("FULL_TIME",)),
        ("employment_types", ["internship", 7], ("INTERN",)),
        ("seniorities", "student", ("STUDENT",)),
        ("skills", "Python", ("Python",)),
        ("skills", ["Python", " ", "SQL", "Python"], ("Python", "SQL")),
        ("places", "Brooklyn, NY", (WantedPlace("Brooklyn, NY"),)),
        (
            "places",
            [{"label": "Home", "lat": 40.7, "lon": -74, "radius_km": 10}],
            (WantedPlace("Home", 40.7, -74.0, 10.0),),
        ),
        ("places", {"city": "Rome", "lat": 400, "lon": 0}, (WantedPlace("Rome"),)),
        ("places", [{"radius_km": 5}, 7], ()),
        ("salary_min", 65_000, 65_000.0),
        ("salary_min", "$65,000", 65_000.0),
        ("salary_min", "65 000 EUR", 65_000.0),
        ("salary_min", {"amount": 30, "unit": "hour"}, 62_400.0),
        ("salary_min", "a lot", None),
        ("salary_min", -5, None),
        ("salary_min", True, None),
        ("currency", " usd ", "USD"),
        ("currency", "dollars", None),
        ("credentials", ["Licence:Driver"], ("licence:driver",)),
        ("start", "2026-01-01", "2026-01-01"),
    ],
)
def test_what_was_said_is_read_leniently(key, said, read):
    assert getattr(read_preferences({key: said}), key) == read


def test_the_currency_of_an_amount_counts_where_none_was_set():
    said = {"salary_min": {"amount": 1, "currency": "eur"}}

    assert read_preferences(said).currency == "EUR"
    assert read_preferences({**said, "currency": "USD"}).currency == "USD"


def test_unknown_keys_are_not_used():
    assert read_preferences({"shifts": "night"}) == Preferences()


def test_nothing_said_is_nothing_preferred():
    assert read_preferences({}) is NO_PREFERENCES
