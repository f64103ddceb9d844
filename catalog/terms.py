"""The words of a title that say what the work is."""

import re
import unicodedata
from functools import lru_cache

TERMS_LIMIT = 6
"""How many words of a title or a query are read."""

_WORD = re.compile(r"[^\W\d_][\w+#]*", re.UNICODE)
_STOP = frozenset(
    {
        "a", "an", "and", "are", "as", "at", "by", "de", "der", "die", "for", "from", "fur", "in", "into", "job", "jobs",
        "mit", "near", "of", "on", "or", "our", "per", "position", "positions", "role", "the", "to", "und", "via", "we",
        "with", "work", "ii", "iii", "iv", "vi", "vii", "viii", "ix", "level", "mwd", "nyc", "remote", "hybrid",
    }
)  # fmt: skip
_SHORT = frozenset(
    {"c", "r", "hr", "it", "qa", "ux", "ui", "pr", "ai", "ml", "go", "rn", "lpn", "ot", "pt", "gp", "c#", "c++"}
)
"""Words of one or two letters that mean something in a title."""


@lru_cache(maxsize=65_536)
def terms(text: str) -> tuple[str, ...]:
    """Answer the telling words, each once, folded to one spelling: `Senior Nurses (ICU)` is senior, nurse, icu."""
    folded = (
        unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        if not text.isascii()
        else text.lower()
    )
    words = (
        singular(word) for word in _WORD.findall(folded) if word not in _STOP and (len(word) > 2 or word in _SHORT)
    )
    return tuple(dict.fromkeys(words))[:TERMS_LIMIT]


def singular(word: str) -> str:
    """Answer a word without the plural's ending, as far as its letters tell."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
