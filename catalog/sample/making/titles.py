"""Titles in readable case: SHOUTING is turned down, acronyms and products keep their spelling, the source's errors go."""

import re
from collections.abc import Mapping

_SMALL = frozenset({"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"})
_ROMAN = re.compile(r"(?:i{1,3}|iv|vi{0,3})", re.IGNORECASE)
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_SHOUTING = 0.6
"""Share of capitals from which a title is taken for a shouted one."""
_BROKEN = re.compile(r"Â(?=\s|$)")
_NUMBER_OF_THE_POSTING = re.compile(r"\s*[-\u2013\u2014(]+\s*\d{6}\)?\s*$")
_OPENINGS = re.compile(r"\s*[-\u2013\u2014(]+\s*\d+ positions\)?\s*$", re.IGNORECASE)
_AUTHORITY = re.compile(r"\s*\(HA\)")
_LEVEL = re.compile(r"\b(?:L|LV|Lv)\s?(?=[1-5]\b)")
_WORD = re.compile(r"[^\W_][\w.+&\u2019']*(?:[-/][\w.+&\u2019']+)*|\.net\b", re.IGNORECASE)


def readable_title(source: str, spellings: Mapping[str, str]) -> str:
    """Answer a title as a person writes it; `spellings` has the words with a spelling of their own, by lower case."""
    title = _tidied(source)
    letters = [letter for letter in title if letter.isalpha()]
    is_shouted = sum(letter.isupper() for letter in letters) > _SHOUTING * len(letters)
    return _WORD.sub(lambda word: _spelt(word, spellings, is_shouted=is_shouted), title)


def _tidied(source: str) -> str:
    text = " ".join(_BROKEN.sub(" ", source.replace("â_x0080__x0093_", "\N{EN DASH}")).split()).strip(" ,-")
    for noise in (_NUMBER_OF_THE_POSTING, _OPENINGS, _AUTHORITY):
        text = noise.sub("", text)
    text = _LEVEL.sub("Level ", text)
    text = re.sub(r"(?<=\w)- (?=\w)|(?<=\w) -(?=\w)", " - ", text)
    return re.sub(r",(?=\S)", ", ", re.sub(r"\s+([,:])", r"\1", text)).strip(" ,-")


def _spelt(word: re.Match[str], spellings: Mapping[str, str], *, is_shouted: bool) -> str:
    text = word[0]
    known = spellings.get(text.lower())
    if known is not None and (is_shouted or text.isupper() or not known.isupper()):
        return known
    if text.lower() in _SMALL and (is_shouted or text != "A"):
        return text.lower() if _continues(word) else text.capitalize()
    if not is_shouted:
        return text
    if _ROMAN.fullmatch(text):
        return text.upper()
    return "".join(spellings.get(part.lower(), _turned_down(part)) for part in re.split(r"([-/])", text))


def _turned_down(part: str) -> str:
    """Answer a shouted word in quiet; a short one without a vowel is taken for an acronym."""
    is_acronym = 1 < len(part) <= len("DSGN") and part.isalpha() and not _VOWEL.search(part)
    return part.upper() if is_acronym else part.capitalize()


def _continues(word: re.Match[str]) -> bool:
    """Say whether a small word stands inside a phrase, not at the beginning of one."""
    before = word.string[: word.start()].rstrip()
    return bool(before) and before[-1] not in ":(-\u2013\u2014/"
