"""What is read of a job title: words and parts of words, in families that each weigh their own."""

import re
import unicodedata
import zlib
from collections.abc import Mapping
from functools import lru_cache

FAMILIES = ("stem", "edge", "head", "pair", "quad", "whole", "text", "text_pair")
"""Families of features. The last two are of an occupation's description, looked up by the same stems and pairs."""
GROUPED: Mapping[str, str] = {"group_stem": "stem", "group_edge": "edge"}
"""Families that are counted by groups of occupations, and those of which they have the features."""

TITLE_LIMIT = 120
"""Characters of a title that are read."""
_WORD = re.compile(r"[^\W_]+[+#]*")
_ADDRESSED = re.compile(r"[(\[]\s*[a-z]\s*[/|*,]\s*[a-z](?:\s*[/|*,]\s*[a-z])?\s*[)\]]", re.IGNORECASE)
"""`(m/f/d)`: everybody is meant."""
_UNIT = re.compile(
    r"(?=[\s,\u2013-])(?<=\w)\s*[,\u2013-]\s*(?:bureau|division|department|office|unit|center|centre|team)\b.*",
    re.IGNORECASE,
)
"""`Physician, Bureau of Clinics`: where in the house it is does not change the work."""
_BRACKETS = re.compile(r"\([^()]*\)")
_ENDINGS = (
    "ations", "ation", "ician", "ance", "ment", "ists", "ing", "ers", "ors", "ist", "ies", "ian", "ive", "er", "or", "es", "s",
)  # fmt: skip
_LEAST_STEM = 4
_RANKS = frozenset(
    {
        "senior",
        "sr",
        "junior",
        "jr",
        "i",
        "ii",
        "iii",
        "iv",
        "v",
        "1",
        "2",
        "3",
        "4",
        "5",
        "of",
        "and",
        "the",
        "for",
        "in",
        "a",
    }
)
"""They tell the rank or nothing, not the work."""


@lru_cache(maxsize=256)  # each taxonomy asks for the words of a title in turn
def title_words(title: str) -> tuple[str, ...]:
    """Answer the words in lower case without accents and ranks; `C#` and `C++` are words."""
    named = _ADDRESSED.sub(" ", _UNIT.sub("", title[:TITLE_LIMIT]))
    folded = unicodedata.normalize("NFKD", named).encode("ascii", "ignore").decode().lower()
    words = _WORD.findall(folded)
    return tuple(word for word in words if word not in _RANKS) or tuple(words)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Answer a word without a common ending: engineer, engineers and engineering are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word[: -len(ending)]
    return word


def title_features(title: str) -> dict[str, list[str]]:
    """Answer the features of a title by family, each once."""
    words = title_words(title)
    stems = list(map(stem, words))
    outside = (title_words(_BRACKETS.sub(" ", title)) if "(" in title else words) or words
    pairs = _pairs(stems)
    unique = list(dict.fromkeys(stems))
    return {
        "stem": unique,
        "edge": [f"^{words[0]}", f"{words[-1]}$"] if words else [],
        "head": list(outside[-1:]),
        "pair": pairs,
        "quad": list(dict.fromkeys(quad for word in words for quad in word_parts(word))),
        # One word is no name: a title of `Supervisor` alone would be all supervisors'.
        "whole": [" ".join(sorted(unique))] if len(unique) > 1 else [],
        "text": unique,
        "text_pair": pairs,
    }


def text_words(text: str) -> list[str]:
    """Answer the words of an occupation's description in lower case."""
    return _WORD.findall(text.lower())


def text_features(text: str) -> dict[str, list[str]]:
    """Answer the features of an occupation's description, each once."""
    stems = list(map(stem, text_words(text)))
    return {"text": list(dict.fromkeys(stems)), "text_pair": _pairs(stems)}


def word_parts(word: str) -> list[str]:
    """Answer the parts of four letters of a word, whose ends are letters, too."""
    framed = f"<{word}>"
    return [framed[at : at + 4] for at in range(len(framed) - 3)]


def feature_key(feature: str) -> int:
    """Answer the number under which a feature is kept; two of 100,000 that share one do no harm."""
    return zlib.crc32(feature.encode())


def _pairs(stems: list[str]) -> list[str]:
    """Answer neighbours and next neighbours in either order: `data analyst` is `analyst, data`."""
    near = [" ".join(sorted(pair)) for skip in (1, 2) for pair in zip(stems, stems[skip:], strict=False)]
    return list(dict.fromkeys(near))
