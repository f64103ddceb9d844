"""Skills out of text: SkillSpan's test split, and the test split of labelled CVs where their folder is there."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.part import Part
from catalog.understanding.making.skills import labelled_sentences
from catalog.understanding.making.sources import json_lines
from catalog.understanding.understanding import LEAST_CONFIDENCE, Understanding, read_understanding

Span = tuple[int, int]
BASELINES: dict[str, tuple[str, str]] = {
    "tech": (".448 / .393 (O*NET with aliases)", ".499 / .384 (with ESCO)"),
    "house": (".253 / .358 (ESCO)", ".440 / .190 (with O*NET)"),
    "cv": (".235 / .606 (O*NET as it is)", ".641 / .169 (with aliases and ESCO)"),
}
"""Recall / precision of plain dictionaries: the most precise and the most complete."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and the spans that its annotators marked."""

    text: str
    spans: Sequence[Span]


def measured(data: Path) -> Part:
    known = read_understanding()
    rows = []
    sentences = list(labelled_sentences(data, "test"))
    for source, name in (
        ("tech", "SkillSpan knowledge, technical postings"),
        ("house", "SkillSpan knowledge, other postings"),
    ):
        texts = [Labelled(each.text, each.knowledge) for each in sentences if each.source == source]
        rows.append([name, *_scores(texts, known, tools_only=False), *BASELINES[source]])
    notes = [
        f"A mention counts from a probability of {LEAST_CONFIDENCE}; overlapping is right, as for the baselines.",
        "Annotation is incomplete: precision is a lower bound.",
    ]
    if (data / "dotin_cv_ner").is_dir():
        texts = list(_cvs(data, "test"))
        started = time.thread_time()
        rows.append(["tools in CVs", *_scores(texts, known, tools_only=True), *BASELINES["cv"]])
        notes.append(f"{(time.thread_time() - started) / len(texts) * 1e3:.1f} ms of CPU a CV.")
    else:
        notes.append("CVs are not measured: `dotin_cv_ner`, which may not be passed on, is not in the folder.")
    return Part(
        "Skills out of text",
        "Test splits; the lexicon is fitted on SkillSpan's training split, its threshold on SkillSpan's dev and the CVs' training split.",
        ("texts", "n", "spans", "recall", "precision", "F1", "dictionary R / P", "another R / P"),
        rows,
        notes,
    )


def _scores(texts: Sequence[Labelled], known: Understanding, *, tools_only: bool) -> list[str]:
    right = said = found = marked = 0
    for text in texts:
        mentions = known.skills.mentions(text.text)
        spans = [(each.start, each.end) for each in mentions if each.skill.kind == "tool" or not tools_only]
        said += len(spans)
        right += sum(_meets(span, text.spans) for span in spans)
        marked += len(text.spans)
        found += sum(_meets(span, spans) for span in text.spans)
    recall, precision = found / marked, right / said
    f1 = 2 * recall * precision / (recall + precision)
    return [str(len(texts)), str(marked), *(f"{value:.3f}".removeprefix("0") for value in (recall, precision, f1))]


def _meets(span: Span, others: Iterable[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _cvs(data: Path, split: str) -> Iterable[Labelled]:
    for row in json_lines(data / "dotin_cv_ner" / "cvs.jsonl.gz"):
        if row["split"] == split:
            yield Labelled(
                row["text"], [(start, end) for start, end, label in row["entities"] if label == "tech_tools"]
            )
