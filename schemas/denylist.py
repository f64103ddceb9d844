"""What no model may look at: protected attributes, and what stands for them."""

from collections.abc import Iterable
from itertools import pairwise

from schemas.traits import is_denied

PROXIES = frozenset(
    {
        "zip", "zipcode", "postcode", "postalcode", "postal", "name", "firstname", "lastname", "surname", "givenname", "familyname",
        "graduation", "school", "university", "college", "gap", "birth", "language", "accent", "neighbourhood", "neighborhood",
    }
)  # fmt: skip
"""A ZIP code below the metropolitan area stands for ethnicity, a name and a school for more than that, a year or a gap for age."""


def denied_features(names: Iterable[str]) -> list[str]:
    """Answer the features whose name says that they are, or stand for, a protected attribute: `zip_match`, `age_fit`."""
    return [name for name in names if any(_stands_for_protected(word) for word in _words(name))]


def _stands_for_protected(word: str) -> bool:
    return word in PROXIES or is_denied(word)


def _words(name: str) -> list[str]:
    """Answer the words of a name, and each two neighbours as one: `birth_date` is `birthdate`, too."""
    words = name.lower().replace("-", "_").split("_")
    return words + [first + second for first, second in pairwise(words)]
