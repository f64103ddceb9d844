"""How long reading takes: a posting that leaves everything open, and a résumé's text."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.conditions import Moment
from benchmarks.distribution import median, percentile
from benchmarks.quality.part import Part
from catalog.sample import SNAPSHOT, sample_jobs
from catalog.understanding.making.sources import json_lines
from catalog.understanding.postings import understood
from catalog.understanding.resumes import read_resume
from catalog.understanding.understanding import Understanding, read_understanding
from schemas.jobs import Job

THIS_MONTH = 2026 * 12 + 10
PASSES = 3
POSTING_MS, RESUME_MS = 1.0, 5.0
"""What the median may take."""

Read = Callable[[Any, Understanding], object]


def measured(data: Path) -> Part:
    postings = [_silent(job) for job in sample_jobs(SNAPSHOT)]
    rows = [_row("postings of the sample", _times(understood, postings), POSTING_MS)]
    notes = [
        "What postings state of occupation, skills, level, pay and coordinates is taken away before, so that all of it is read.",
        "A title that was read before is remembered, as in a feed: a third of the sample's.",
    ]
    if (data / "dotin_cv_ner").is_dir():
        texts = [row["text"] for row in json_lines(data / "dotin_cv_ner" / "cvs.jsonl.gz")]
        times = _times(lambda text, known: read_resume(text, known, this_month=THIS_MONTH), texts)
        rows.append(_row("labelled CVs, as plain text", times, RESUME_MS))
        notes.append(
            f"Half of the CVs have up to {median(map(len, texts)):,.0f} characters; the longest {max(map(len, texts)):,}."
        )
    else:
        notes.append("CVs are not measured: `dotin_cv_ner`, which may not be passed on, is not in the folder.")
    end = Moment.now()
    notes.append(f"At the end: load average {end.load:.1f}; Python adds up a million squares in {end.loop_ms:.0f} ms.")
    return Part(
        "How long reading takes",
        f"Milliseconds of CPU, one text after the other in one thread; of {PASSES} passes over all, each with nothing remembered, "
        "each text's quickest.",
        ("texts", "n", "median", "mean", "95 of 100 within", "limit of the median"),
        rows,
        notes,
    )


def _silent(job: Job) -> Job:
    """Answer a posting that leaves open whatever its words may tell."""
    return replace(
        job,
        places=tuple(replace(place, latitude=None, longitude=None) for place in job.places),
        skills=(),
        occupation=None,
        occupation_code=None,
        seniority=None,
        salary=None,
        workplace="ON_SITE",
    )


def _times(read: Read, texts: Sequence[Any]) -> list[float]:
    """Answer the milliseconds of each text in ascending order."""
    passes = [_pass(read, texts, read_understanding()) for _ in range(PASSES)]
    return sorted(map(min, zip(*passes, strict=True)))


def _pass(read: Read, texts: Sequence[Any], known: Understanding) -> list[float]:
    times = []
    for text in texts:
        began = time.thread_time()
        read(text, known)
        times.append((time.thread_time() - began) * 1e3)
    return times


def _row(name: str, times: Sequence[float], limit: float) -> list[str]:
    middle = percentile(times, 50)
    figures = [f"{each:.2f}" for each in (middle, fmean(times), percentile(times, 95))]
    return [name, str(len(times)), *figures, f"{limit:.0f}{'' if middle <= limit else ': NO'}"]
