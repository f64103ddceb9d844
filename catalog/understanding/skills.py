"""Skills in a text: the phrases of a lexicon, weighed by what stands around them, with their places and negation."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from math import log
from typing import Literal, NamedTuple, cast

from catalog.understanding.phrases import Phrase, PhraseIndex, Words, key_of, words_of
from catalog.understanding.skill_context import PLAIN, Ceiling, has_trigger, is_negated, neighbours, signs

SkillKind = Literal["tool", "knowledge"]
Origin = Literal["own", "hot", "tool", "alias", "esco", "labelled"]
"""Where a spelling comes from: our own list, O*NET's hot technologies, its other tools, what was derived from a tool's
name, ESCO, labelled postings (SkillSpan)."""

TEXT_LIMIT = 100_000
"""Characters of a text that are read."""
MENTIONS_LIMIT = 400
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill of a taxonomy: `onet:` and UNSPSC commodity, `esco:` and the concept's id, or `own:` where neither has it."""

    code: str
    name: str
    kind: SkillKind


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a skill; `trust` is the log-odds that these words are meant so, as labelled postings have it."""

    skill: Skill
    written: str
    origin: Origin
    trust: float
    commonness: int
    """0 for words that ordinary sentences do not have, up to 3 for those that they are full of."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A skill where the text says it: `text[start:end]` is the evidence; `confidence` a probability."""

    skill: Skill
    start: int
    end: int
    confidence: float
    negated: bool


class _Known(NamedTuple):
    """A spelling, what it weighs before anything around it counts, and whether ordinary sentences have these words."""

    spelling: Spelling
    alone: float
    is_common: bool


class SkillFinder:
    """Finds skills. `least` is the probability from which a mention counts."""

    def __init__(self, spellings: Mapping[str, Spelling], weights: Mapping[str, float], *, least: float) -> None:
        self._known = {
            key: _Known(spelling, _alone(spelling, weights), spelling.commonness > 0 or key in PLAIN)
            for key, spelling in spellings.items()
        }
        self._weights = weights
        self._least = log(least / (1 - least))
        self._index = PhraseIndex(spellings)
        self._ceiling = Ceiling(weights)
        self._trigger = max(0.0, weights.get("trigger", 0.0))

    def mentions(self, text: str) -> list[Mention]:
        """Answer what the text says of skills, in its order; the same skill as often as it is said."""
        words = words_of(text[:TEXT_LIMIT])
        phrases, known, near = self._placed(words)
        highest = self._ceiling.of(words, phrases, near)
        found = []
        for phrase, (spelling, alone, is_common), count, high in zip(phrases, known, near, highest, strict=True):
            # Three of four phrases in postings fall here. Rounding may part two sums of the same weights.
            missing = self._least - _ROUNDING - alone - high
            if missing > self._trigger or (missing > 0 and not has_trigger(words, phrase.first)):
                continue
            held = signs(words, phrase, count, spelling.written, is_common=is_common)
            score = alone + sum(map(self._weights.get, held, repeat(0.0)))
            if score >= self._least:
                found.append(_mention(words, phrase, spelling, score))
        return found[:MENTIONS_LIMIT]

    def coded(self, names: Iterable[str]) -> list[Skill]:
        """Answer the skills that stated names mean, where the lexicon has them."""
        found = (self._known.get(key_of(name)) for name in names)
        return list({known.spelling.skill.code: known.spelling.skill for known in found if known is not None}.values())

    def weighed(self, words: Words) -> Iterator[tuple[Phrase, Spelling, list[str]]]:
        """Answer every phrase of the lexicon with the signs around it, before it is judged."""
        for phrase, (spelling, _, is_common), count in zip(*self._placed(words), strict=True):
            yield phrase, spelling, signs(words, phrase, count, spelling.written, is_common=is_common)

    def _placed(self, words: Words) -> tuple[list[Phrase], list[_Known], list[int]]:
        """Answer the phrases in a text, what is known of each, and how many others stand close to it."""
        phrases = self._index.phrases(words)
        known = [self._known[key] for key, _, _ in phrases]
        telling = [
            not is_common or words.text[words.starts[first]].isupper()
            for (_, first, _), (_, _, is_common) in zip(phrases, known, strict=True)
        ]
        return phrases, known, neighbours(phrases, telling)


def _alone(spelling: Spelling, weights: Mapping[str, float]) -> float:
    """Answer the score of a spelling before anything around it counts."""
    fixed = sum(weights.get(name, 0.0) for name in traits(spelling))
    return weights.get("bias", 0.0) + weights.get("trust", 0.0) * spelling.trust + fixed


def spellings_of(rows: Iterable[list[str]]) -> dict[str, Spelling]:
    """Answer the lexicon of a table's rows by key."""
    found: dict[str, Spelling] = {}
    skills: dict[str, Skill] = {}
    for code, name, kind, written, origin, trust, commonness in rows:
        skill = skills.setdefault(code, Skill(code, name, cast("SkillKind", kind)))
        found[key_of(written)] = Spelling(skill, written, cast("Origin", origin), float(trust), int(commonness))
    return found


def traits(spelling: Spelling) -> tuple[str, ...]:
    """Answer the signs that a spelling has wherever it stands."""
    return (f"origin_{spelling.origin}", f"common{spelling.commonness}")


def names_of(mentions: Iterable[Mention]) -> tuple[str, ...]:
    """Answer the skills that are not denied, each once, the oftenest said first."""
    counts: dict[str, int] = {}
    for mention in mentions:
        if not mention.negated:
            counts[mention.skill.name] = counts.get(mention.skill.name, 0) + 1
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def _mention(words: Words, phrase: Phrase, spelling: Spelling, score: float) -> Mention:
    start, end = words.starts[phrase.first], words.ends[phrase.last]
    confidence = 1 / (1 + 2.718281828459045 ** -min(score, 30.0))
    return Mention(spelling.skill, start, end, round(confidence, 3), is_negated(words, phrase))
