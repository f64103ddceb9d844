"""What is never kept about a person, whoever sends it: traits that are or stand for protected attributes."""

from collections.abc import Mapping
from typing import Any

DENIED_TRAITS = frozenset(
    {
        "age", "avatar", "birthdate", "birthday", "birthplace", "bloodtype", "children", "citizenship", "color", "dateofbirth",
        "disability", "dob", "ethnicity", "familystatus", "gender", "genderidentity", "graduationyear", "headshot", "health",
        "image", "maidenname", "maritalstatus", "medical", "nationality", "nativelanguage", "photo", "photourl", "picture",
        "politicalopinion", "politics", "pregnancy", "pregnant", "pronouns", "race", "religion", "salutation", "sex",
        "sexualorientation", "skincolor", "tradeunion", "unionmembership", "veteran", "veteranstatus", "yearofbirth",
    }
)  # fmt: skip
"""Names without case, spaces, hyphens or underscores (reference: contracts §6.2, reliability §6.2)."""


def is_denied(name: str) -> bool:
    """Say whether a trait of this name is never kept; `Date_of-Birth` and `dateOfBirth` are one name."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "") in DENIED_TRAITS


def permitted(traits: Mapping[str, Any]) -> dict[str, Any]:
    """Answer the traits that may be kept."""
    return {name: value for name, value in traits.items() if not is_denied(name)}
