"""Skills out of text: SkillSpan's test split, and the test split of labelled CVs where their folder is there."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.part import Part
from catalog.understanding.making.skills import labelled_sentences
from catalog.understanding.making.sources import json_lines
from catalog.understanding.resumes import read_resume
from catalog.understanding.understanding import LEAST_CONFIDENCE, Understanding, read_understanding

Span = tuple[int, int]
THIS_MONTH = 2026 * 12 + 10
"""For work that goes on."""
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
        rows += _work_rows(data, known)
        notes.append(
            "Titles and employers: each name of a CV once, right where one holds the other; read near a period, and without one on lines "
            "about work, behind labels, in headlines and in sentences. Schools that employed are marked as schools, and count as wrong."
        )
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
    return [str(len(texts)), str(marked), *_rates(found / marked, right / said)]


def _work_rows(data: Path, known: Understanding) -> Iterable[list[str]]:
    """Answer the rows of titles and employers: what the work of a CV names against what annotators marked anywhere in it."""
    rows = [row for row in json_lines(data / "dotin_cv_ner" / "cvs.jsonl.gz") if row["split"] == "test"]
    works = [read_resume(row["text"], known, this_month=THIS_MONTH).work for row in rows]
    for name, label, read in (
        ("titles at work in CVs", "designation", lambda work: work.title),
        ("employers in CVs", "companies_worked_at", lambda work: work.employer),
    ):
        said = [{_plain(each) for work in done if (each := read(work))} for done in works]
        marked = [{_plain(row["text"][s:e]) for s, e, of in row["entities"] if of == label} - {""} for row in rows]
        pairs = list(zip(said, marked, strict=True))
        found = sum(any(each in other or other in each for other in mine) for mine, theirs in pairs for each in theirs)
        right = sum(any(each in other or other in each for other in theirs) for mine, theirs in pairs for each in mine)
        total, claimed = sum(map(len, marked)), sum(map(len, said))
        yield [name, str(len(rows)), str(total), *_rates(found / total, right / claimed), "", ""]


def _plain(name: str) -> str:
    return " ".join("".join(letter if letter.isalnum() else " " for letter in name.casefold()).split())


def _rates(recall: float, precision: float) -> list[str]:
    f1 = 2 * recall * precision / (recall + precision)
    return [f"{value:.3f}".removeprefix("0") for value in (recall, precision, f1)]


def _meets(span: Span, others: Iterable[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _cvs(data: Path, split: str) -> Iterable[Labelled]:
    for row in json_lines(data / "dotin_cv_ner" / "cvs.jsonl.gz"):
        if row["split"] == split:
            yield Labelled(
                row["text"], [(start, end) for start, end, label in row["entities"] if label == "tech_tools"]
            )
