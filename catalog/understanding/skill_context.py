"""What stands around a mention of a skill: the signs by which a skill is told from an ordinary word."""

import re
from collections.abc import Mapping, Sequence

from catalog.understanding.phrases import Phrase, Words

IDIOM = "idiom"
NEAR = 6
"""Words to each side in which another mention speaks for this one."""
NEIGHBOURS_LIMIT = 3
LOOK_BACK = 12
_TRIGGERS = frozenset(
    {
        "experience", "experienced", "knowledge", "skills", "skill", "understanding", "proficiency", "proficient", "familiar",
        "familiarity", "expertise", "expert", "using", "technologies", "tools", "degree", "background", "fluent", "certified",
        "certification", "hands",
    }
)  # fmt: skip
_ROLES = frozenset(
    {
        "developer", "developers", "engineer", "engineers", "senior", "junior", "lead", "architect", "consultant",
        "programmer", "specialist", "role",
    }
)  # fmt: skip
"""Annotators left the skill in `Python developer` unmarked, as part of a title: to us it is one."""
_JOINING = frozenset({"and", "or"})
_LISTING = frozenset(",;:/|()*\u2022\u00b7&")
_NEAR = ("near0", "near1", "near2", "near3")
_LENGTH = ("length1", "length2", "length3")
_OTHERS = (
    ("as_spelt", "as_spelt_small"),
    ("capitals", "capital", "inner_capital"),
    ("list_before",),
    ("list_after",),
    (IDIOM,),
)
"""Signs beside those and triggers; of several in one bracket, one can hold."""
_IDIOMATIC = frozenset({"excel", "go", "word", "teams", "access", "ant", "less", "rest"})
PLAIN = frozenset(
    {
        "ant", "bootstrap", "chef", "eclipse", "flash", "flask", "jersey", "node", "oracle", "puppet", "rust", "shiny", "sketch",
        "slack", "spark", "spring", "swift", "zoom",
    }
)  # fmt: skip
"""Ordinary words that descriptions of work seldom have."""
_IDIOM = re.compile(
    r"(?:excel (?:at|in\b)|go (?:to|on|for|through|live|beyond)|word of|teams of|access (?:to|control)|ant(?: |-)farm"
    r"|less than|rest (?:of|in))\b",
    re.IGNORECASE,
)
"""Ordinary words that are also the name of a tool, where they are plainly ordinary."""
_NEGATORS = frozenset(
    {"no", "not", "without", "never", "neither", "nor", "isn", "aren", "don", "doesn", "lack", "lacking"}
)
_NEGATED_AFTER = re.compile(
    r"[^.;\n]{0,25}\b(?:not|isn'?t|aren'?t) (?:a )?(?:required|necessary|needed|must|mandatory)", re.IGNORECASE
)
_DENIALS = frozenset({"not", "isn", "isnt", "aren", "arent"})
_NEGATED_AFTER_WORDS = 14
"""More words than these are longer than what that pattern reads."""
_NEGATION_REACH = 5
_SENTENCE_END = re.compile(r"[.;!?](?:\s|$)|\n")
_UNDONE = frozenset({"only", "just", "limited", "problem", "later", "less", "more"})
"""`Not only Java` is no negation."""


class Ceiling:
    """How high signs may weigh together, told by those that are looked up at once: neighbours, length, the words beside."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._near = [weights.get(name, 0.0) for name in _NEAR]
        self._length = [weights.get(name, 0.0) for name in _LENGTH]
        beside = {name: weight for name, weight in weights.items() if name[1:] not in _ROLES}
        self._before = {name[1:]: weight for name, weight in beside.items() if name[0] == "<"}
        self._after = {name[1:]: weight for name, weight in beside.items() if name[0] == ">"}
        self._others = sum(max(0.0, *(weights.get(name, 0.0) for name in names)) for names in _OTHERS)

    def of(self, words: Words, phrases: Sequence[Phrase], near: Sequence[int]) -> list[float]:
        """Answer for each phrase what its signs weigh at most, but for a trigger; `near` counts other mentions close by."""
        lower = ["", *words.lower, ""]
        before, after, others = self._before.get, self._after.get, self._others
        by_count, by_length = self._near, self._length
        return [
            by_count[count]
            + by_length[min(2, last - first)]
            + before(lower[first], 0.0)
            + after(lower[last + 2], 0.0)
            + others
            for (_, first, last), count in zip(phrases, near, strict=True)
        ]


def signs(words: Words, phrase: Phrase, near: int, spelling: str, *, is_common: bool) -> list[str]:
    """Answer the names of the signs that hold.

    `near` counts other mentions close by, `spelling` is the usual one, `is_common` says that ordinary sentences are full
    of these words.
    """
    text, lower, first, last = words.text, words.lower, phrase.first, phrase.last
    start, end = words.starts[first], words.ends[last]
    before = lower[first - 1] if first else ""
    after = lower[last + 1] if last + 1 < len(lower) else ""
    found = [_NEAR[near], _LENGTH[min(last - first, 2)], *_case(text[start:end], spelling)]
    if before in _JOINING or text[max(0, start - 2) : start].rstrip()[-1:] in _LISTING:
        found.append("list_before")
    if after in _JOINING or text[end : end + 1] in _LISTING:
        found.append("list_after")
    if before and before not in _ROLES:
        found.append(f"<{before}")
    if after and after not in _ROLES:
        found.append(f">{after}")
    if has_trigger(words, first):
        found.append("trigger")
    is_ordinary = is_common and not near and spelling[:1].isupper() and text[start].islower()
    if is_ordinary or (lower[first] in _IDIOMATIC and _IDIOM.match(text, start)):
        found.append(IDIOM)
    return found


def has_trigger(words: Words, first: int) -> bool:
    """Say whether a word like `experience` or `using` stands before a phrase that begins with the first."""
    return not _TRIGGERS.isdisjoint(words.lower[max(0, first - LOOK_BACK) : first])


def _case(written: str, spelling: str) -> list[str]:
    found = []
    if written == spelling:
        found.append("as_spelt_small" if spelling.islower() else "as_spelt")
    if written.isupper():
        found.append("capitals")
    elif not written.islower():
        found.append("capital" if written[1:].islower() else "inner_capital")
    return found


def neighbours(phrases: Sequence[Phrase], telling: Sequence[bool]) -> list[int]:
    """Answer for each phrase how many others are within NEAR words, at most NEIGHBOURS_LIMIT.

    Who is not `telling` is passed over: three ordinary words do not vouch for each other.
    """
    counts = [0] * len(phrases)
    lasts = [last for _, _, last in phrases]
    for at, (_, first, _) in enumerate(phrases):
        other, farthest = at - 1, max(0, at - NEIGHBOURS_LIMIT)
        while other >= farthest and first - lasts[other] <= NEAR:
            counts[at] += telling[other]
            counts[other] += telling[at]
            other -= 1
    return [min(count, NEIGHBOURS_LIMIT) for count in counts]


def is_negated(words: Words, phrase: Phrase) -> bool:
    """Say whether the text says that the skill is not there, or not asked for."""
    lower, first, last = words.lower, phrase.first, phrase.last
    following = lower[last + 1 : last + 1 + _NEGATED_AFTER_WORDS]
    if not _DENIALS.isdisjoint(following) and _NEGATED_AFTER.match(words.text, words.ends[last]):
        return True
    if _NEGATORS.isdisjoint(lower[max(0, first - _NEGATION_REACH) : first]):
        return False
    for place in range(first - 1, max(-1, first - 1 - _NEGATION_REACH), -1):
        if _SENTENCE_END.search(words.text, words.ends[place], words.starts[place + 1]):
            return False
        if lower[place] in _NEGATORS:
            return lower[place + 1] not in _UNDONE
    return False
