"""Titles to postings: how high those postings come, among all others, whose title was taken out of their text and asked for."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, log2, sqrt
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.part import Part
from catalog.text.index import TextIndex
from catalog.text.words import words
from catalog.understanding.making.sources import json_lines

WORDS, TITLES, SEED, SHOWN = 300, 800, 7, 10
PLAIN_K1, PLAIN_B = 1.2, 0.75
_FIELDS = ("description", "minimum_requirements", "preferred_skills")

Scores = Callable[[str], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Question:
    """A title, and the rows of the postings that bear it."""

    title: str
    right: frozenset[int]


def measured(data: Path) -> Part:
    """Measure on the titles that no constant was tuned on."""
    texts, questions = documents(data)
    index = TextIndex()
    started = time.thread_time()
    for row, text in enumerate(texts):
        index.put(row, "", text)
    each = (time.thread_time() - started) / len(texts) * 1e6
    asked = questions[TITLES // 2 :]
    started = time.thread_time()
    hybrid = _ndcg(asked, lambda title: index.scores(title, len(texts)))
    query = (time.thread_time() - started) / len(asked) * 1e6
    rows = [
        ["BM25, words as they are (k1 1.2, b .75)", _figure(_ndcg(asked, _plain(texts)))],
        ["BM25 over stems", _figure(_ndcg(asked, lambda title: index.by_words(title, len(texts))))],
        ["static vectors", _figure(_ndcg(asked, lambda title: index.by_likeness(title, len(texts))))],
        ["**both**, as `GET /v1/jobs?order=best` ranks", _figure(hybrid)],
    ]
    return Part(
        "Titles to postings",
        f"All {len(texts):,} different postings of `nyc_jobs`, the first {WORDS} words of each with its own title cut out; {TITLES} titles "
        f"(seed {SEED}), constants tuned on the first half, measured on the other {len(asked)}. nDCG@{SHOWN}.",
        ("ranked by", f"nDCG@{SHOWN}"),
        rows,
        (
            f"± {_error(hybrid):.3f} (standard error over titles). Many titles name no trade (`Intern`): no text says them.",
            "Over whole postings what stems and vectors add cannot be told from chance; they find other words for the same.",
            f"{each:.0f} µs of CPU a posting taken in, {query:.0f} µs a query among {len(texts):,}.",
        ),
    )


def documents(data: Path) -> tuple[list[str], list[Question]]:
    """Answer texts without their own titles, and titles to ask for."""
    postings = {row["description"]: row for row in json_lines(data / "nyc_jobs" / "jobs.jsonl.gz")}.values()
    titles = [row["business_title"].lower() for row in postings]
    texts = [
        " ".join(" ".join(row[name] or "" for name in _FIELDS).lower().replace(title, " ").split()[:WORDS])
        for row, title in zip(postings, titles, strict=True)
    ]
    bearers: dict[str, set[int]] = {}
    for place, title in enumerate(titles):
        bearers.setdefault(title, set()).add(place)
    asked = random.Random(SEED).sample(sorted(bearers), TITLES)
    return texts, [Question(title, frozenset(bearers[title])) for title in asked]


def _ndcg(questions: Sequence[Question], scores: Scores) -> list[float]:
    gains = [1 / log2(place + 2) for place in range(SHOWN)]
    found = []
    for question in questions:
        best = np.argsort(-scores(question.title), kind="stable")[:SHOWN].tolist()
        gained = sum(gain for gain, row in zip(gains, best, strict=True) if row in question.right)
        found.append(gained / sum(gains[: len(question.right)]))
    return found


def _plain(texts: Sequence[str]) -> Scores:
    """Answer BM25 as in the books, for comparison."""
    counted = [Counter(words(text)) for text in texts]
    lengths = np.array([count.total() for count in counted])
    short = PLAIN_K1 * (1 - PLAIN_B + PLAIN_B * lengths / lengths.mean())

    def scores(title: str) -> NDArray[np.float32]:
        found = np.zeros(len(texts))
        for word in set(words(title)):
            times = np.array([count[word] for count in counted])
            having = int((times > 0).sum())
            found += log(1 + (len(texts) - having + 0.5) / (having + 0.5)) * times / (times + short)
        return found.astype(np.float32)

    return scores


def _figure(found: Sequence[float]) -> str:
    return f"{fmean(found):.3f}".removeprefix("0")


def _error(found: Sequence[float]) -> float:
    return stdev(found) / sqrt(len(found))
