"""The lexicon of skills: tools of O*NET with derived spellings, ESCO's skills, what SkillSpan's annotators marked, our own list.

How far each spelling is to be trusted, and what the signs around it weigh, is fitted on SkillSpan's training split by
logistic regression; a spelling's own counts leave out the mention that is judged.
"""

import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import log
from pathlib import Path

import numpy as np
import orjson

from catalog.understanding.making.sources import json_lines, onet_table
from catalog.understanding.phrases import PHRASE_WORDS, key_of, words_of
from catalog.understanding.skill_context import IDIOM
from catalog.understanding.skills import Origin, Skill, SkillFinder, SkillKind, Spelling, traits

PRIOR_MENTIONS = 3.0
"""Labelled mentions that a spelling is thought to have had of its origin's usual share beside its own."""
LABELLED_LEAST = 0.4
LABELLED_WORDS = 4
IDIOM_WEIGHT = -6.0
"""Too rare among labelled postings to be fitted."""
CONTEXT_LEAST = 12
"""Mentions that a neighbouring word must have had to be given a weight."""
_FIRM = frozenset(
    {
        "microsoft", "oracle", "ibm", "adobe", "autodesk", "apache", "google", "apple", "amazon", "atlassian", "cisco", "sap",
        "hp", "intuit", "esri", "corel", "red", "the", "siemens", "dassault", "trimble", "sage", "bentley", "symantec",
        "vmware", "salesforce", "spring", "hewlett-packard", "citrix", "mcafee", "jetbrains",
    }
)  # fmt: skip
_KINDS_OF_SOFTWARE = re.compile(
    r" (?:software|system|systems|applications?|programs?|suite|framework|enterprise|database|ide|ci|orm)$"
)
_ACRONYM = re.compile(r"^(?P<words>[A-Za-z].* )?(?P<acronym>[A-Z][A-Z0-9/+.-]{1,7})$")
_TOO_GENERAL = frozenset(
    {
        "business", "degree", "engineering", "industry", "language", "languages", "master", "bachelor", "native", "phd", "products",
        "science", "sciences", "services", "solutions", "system", "systems", "technical", "technologies", "technology", "bsc", "msc",
        "computer", "university", "university degree", "bachelor s degree", "master s degree",
    }
)  # fmt: skip
"""Marked by annotators, and no skill that a person would be found by; degrees are read as such."""
_RANK: Mapping[Origin, int] = {"own": 0, "hot": 1, "tool": 2, "labelled": 3, "esco": 4, "alias": 5}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence of SkillSpan and where its annotators marked knowledge."""

    text: str
    knowledge: tuple[tuple[int, int], ...]
    source: str


def labelled_sentences(folder: Path, split: str) -> Iterator[Labelled]:
    with gzip.open(folder / "skillspan" / f"{split}.jsonl.gz") as lines:
        for line in lines:
            row = orjson.loads(line)
            ends = np.cumsum([len(token) + 1 for token in row["tokens"]]).tolist()
            starts = [0, *ends[:-1]]
            spans = tuple((starts[first], ends[last] - 1) for first, last in _spans(row["tags_knowledge"]))
            yield Labelled(" ".join(row["tokens"]), spans, row["source"])


def lexicon(folder: Path, own: Iterable[list[str]]) -> dict[str, Spelling]:
    """Answer every spelling by its key; where two skills share one, the better origin has it."""
    common = _common_words(folder)
    found: dict[str, Spelling] = {}
    for spelling in (*_own(own), *_tools(folder), *_esco(folder), *_marked(folder)):
        key = key_of(spelling.written)
        if (
            key
            and key.count(" ") < PHRASE_WORDS
            and (key not in found or _RANK[spelling.origin] < _RANK[found[key].origin])
        ):
            found[key] = replace(spelling, commonness=_commonness(key, common))
    return {key: found[key] for key in sorted(found)}


def fitted(
    spellings: Mapping[str, Spelling], sentences: Iterable[Labelled]
) -> tuple[dict[str, Spelling], dict[str, float]]:
    """Answer the spellings with their trust, and the weights of the signs."""
    finder = SkillFinder(spellings, {}, least=0.5)
    rows: list[tuple[str, list[str], bool]] = []
    for sentence in sentences:
        words = words_of(sentence.text)
        for phrase, spelling, held in finder.weighed(words):
            start, end = words.starts[phrase.first], words.ends[phrase.last]
            is_marked = any(start < after and before < end for before, after in sentence.knowledge)
            rows.append((phrase.key, [*traits(spelling), *held], is_marked))
    trust = _Trust(spellings, rows)
    signed = Counter(name for _, names, _ in rows for name in names)
    names = [
        "bias",
        "trust",
        *sorted(name for name, count in signed.items() if count >= CONTEXT_LEAST and name != IDIOM),
    ]
    places = {name: place for place, name in enumerate(names)}
    matrix = np.zeros((len(rows), len(names)))
    matrix[:, 0] = 1
    for row, (key, held, is_marked) in enumerate(rows):
        matrix[row, 1] = trust.of(key, without=is_marked)
        matrix[row, [places[name] for name in held if name in places]] = 1
    weights = _logistic(matrix, np.array([is_marked for _, _, is_marked in rows], float))
    trusted = {key: replace(spelling, trust=round(trust.of(key), 2)) for key, spelling in spellings.items()}
    weighed = {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}
    return trusted, weighed | {IDIOM: IDIOM_WEIGHT}


class _Trust:
    """Labelled shares of each spelling, drawn towards those of its origin and commonness."""

    def __init__(self, spellings: Mapping[str, Spelling], rows: Iterable[tuple[str, list[str], bool]]) -> None:
        self._spellings = spellings
        self._marked: Counter[str] = Counter()
        self._said: Counter[str] = Counter()
        groups: defaultdict[tuple[str, int], list[bool]] = defaultdict(list)
        for key, _, is_marked in rows:
            self._said[key] += 1
            self._marked[key] += is_marked
            groups[self._group(key)].append(is_marked)
        self._shares = {group: (sum(marks) + 1) / (len(marks) + 3) for group, marks in groups.items()}

    def of(self, key: str, *, without: bool | None = None) -> float:
        """Answer the log-odds; `without` leaves out one mention that was marked, or was not."""
        share = self._shares.get(self._group(key), 0.3)
        marked, said = float(self._marked[key]), float(self._said[key])
        if without is not None:
            marked, said = marked - without, said - 1
        chance = (marked + PRIOR_MENTIONS * share) / (said + PRIOR_MENTIONS)
        return log(chance / (1 - chance))

    def _group(self, key: str) -> tuple[str, int]:
        spelling = self._spellings[key]
        return spelling.origin, spelling.commonness


def _logistic(matrix: "np.ndarray", marked: "np.ndarray", penalty: float = 2.0) -> "np.ndarray":
    """Answer the weights of a ridge logistic regression, by Newton's steps."""
    weights = np.zeros(matrix.shape[1])
    ridge = np.full(matrix.shape[1], penalty)
    ridge[0] = 0.01
    for _ in range(12):
        chance = 1 / (1 + np.exp(-matrix @ weights))
        slope = matrix.T @ (chance - marked) + ridge * weights
        curve = (matrix * (chance * (1 - chance))[:, None]).T @ matrix + np.diag(ridge)
        weights -= np.linalg.solve(curve, slope)
    return weights


def _own(rows: Iterable[list[str]]) -> Iterator[Spelling]:
    for name, kind, *others in rows:
        skill = Skill(f"own:{key_of(name).replace(' ', '-')}", name, "tool" if kind == "tool" else "knowledge")
        for written in (name, *others):
            yield _spelling(skill, written, "own")


def _tools(folder: Path) -> Iterator[Spelling]:
    seen: dict[str, tuple[str, bool]] = {}
    for _, name, commodity, _, hot, *_ in onet_table(folder, "technology_skills"):
        seen[name] = (commodity, hot == "Y")
    for name, (commodity, is_hot) in seen.items():
        readable = _readable(name)
        skill = Skill(f"onet:{commodity}:{key_of(name).replace(' ', '-')}", readable, "tool")
        yield _spelling(skill, name, "hot" if is_hot else "tool")
        for alias in _aliases(name):
            yield _spelling(skill, alias, "hot" if is_hot else "alias")


def _esco(folder: Path) -> Iterator[Spelling]:
    for row in json_lines(folder / "esco" / "skills.jsonl.gz"):
        label = " ".join(row["label"].split())
        name = re.sub(r" \([^()]*\)$", "", label)
        kind: SkillKind = "tool" if "(computer program" in label or "(software" in label else "knowledge"
        yield _spelling(Skill(f"esco:{row['uri'].rpartition('/')[2]}", name, kind), name, "esco")


def _marked(folder: Path) -> Iterator[Spelling]:
    """Answer what annotators marked at least twice, or once in several words, and where it stood mostly marked."""
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for sentence in labelled_sentences(folder, "train"):
        for start, end in sentence.knowledge:
            span = sentence.text[start:end].strip(" .,;:()?!")
            key = key_of(span)
            if key and key.count(" ") < LABELLED_WORDS and len(key) > 1 and "<" not in span and key not in _TOO_GENERAL:
                counts[key] += 1
                written.setdefault(key, span)
    for key in sorted(counts):
        yield _spelling(Skill(f"own:{key.replace(' ', '-')}", written[key], "knowledge"), written[key], "labelled")


def _spelling(skill: Skill, written: str, origin: Origin) -> Spelling:
    return Spelling(skill, written, origin, 0.0, 0)


def _readable(name: str) -> str:
    """Answer a tool's name as people write it: `Hypertext markup language HTML` is HTML."""
    short = _KINDS_OF_SOFTWARE.sub("", name) if name.endswith(" software") else name
    acronym = _ACRONYM.match(short)
    if acronym and acronym["words"] and acronym["words"][1:].islower():
        return acronym["acronym"]
    return short


def _aliases(name: str) -> set[str]:
    """Answer shorter ways to write a tool: without its firm, without `software`, its acronym and what that stands for."""
    found = {name}
    for _ in range(2):
        for each in list(found):
            found.add(_KINDS_OF_SOFTWARE.sub("", each))
            words = each.split()
            if len(words) > 1 and words[0].lower() in _FIRM:
                found.add(" ".join(words[1:]))
            acronym = _ACRONYM.match(each)
            if acronym and acronym["words"]:
                found |= {acronym["acronym"], acronym["words"].strip()}
    return {each for each in found if len(each) > 1} - {name}


def _common_words(folder: Path) -> Counter[str]:
    """Answer how many descriptions of work have a word in small letters."""
    common: Counter[str] = Counter()
    for _, *columns in onet_table(folder, "task_statements"):
        common.update(set(re.findall(r"\b[a-z]+\b", max(columns, key=len))))
    for row in json_lines(folder / "esco" / "occupations.jsonl.gz"):
        common.update(set(re.findall(r"\b[a-z]+\b", row["description"])))
    return common


def _commonness(key: str, common: Counter[str]) -> int:
    rarest = min(common[word] for word in key.split())
    return 0 if rarest < 2 else 1 if rarest < 20 else 2 if rarest < 200 else 3


def _spans(tags: list[str]) -> Iterator[tuple[int, int]]:
    """Answer the first and last token of each span in BIO tags."""
    first: int | None = None
    for place, tag in enumerate([*tags, "O"]):
        if first is not None and tag != "I":
            yield first, place - 1
            first = None
        if tag == "B" or (tag == "I" and first is None):
            first = place
