"""`python -m benchmarks [PART …] [--quick]`: measure, print, and after a whole run write RESULTS.md."""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from benchmarks import (
    bench_audit,
    bench_catalogue,
    bench_decide,
    bench_freshness,
    bench_http,
    bench_memory,
    bench_models,
    bench_worker,
)
from benchmarks.conditions import Moment, conditions
from benchmarks.figures import Chapter, table
from benchmarks.ground import Ground
from benchmarks.scale import FULL, QUICK

RESULTS = Path(__file__).with_name("RESULTS.md")
PARTS: Mapping[str, Callable[[Ground], Chapter]] = {
    "decide": bench_decide.measure,
    "models": bench_models.measure,
    "audit": bench_audit.measure,
    "worker": bench_worker.measure,
    "http": bench_http.measure,
    "freshness": bench_freshness.measure,
    "catalogue": bench_catalogue.measure,
    "memory": bench_memory.measure,
}


def main() -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it reports each retry while topics get their leaders
    asked = _asked()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        ground = Ground(folder, QUICK if asked.quick else FULL, stack, _say)
        chapters = []
        for part in asked.parts or PARTS:
            _say(f"part {part}")
            chapters.append((PARTS[part](ground), Moment.now()))
            print(_section(*chapters[-1]), flush=True)
        told = conditions("python -m benchmarks", ground.versions())
    if asked.parts or asked.quick:
        _say(f"{RESULTS.name} stays as it is: only a whole run is written")
    else:
        RESULTS.write_text(report(told, chapters), encoding="utf-8")
        _say(f"wrote {RESULTS.name}")


def report(told: Mapping[str, str], chapters: list[tuple[Chapter, Moment]]) -> str:
    """Answer the whole report in Markdown."""
    facts = "\n".join(f"- {name}: {fact}" for name, fact in told.items())
    broken = [figure for chapter, _ in chapters for figure in chapter.figures if figure.holds is False]
    verdict = "All bounds hold." if not broken else f"{len(broken)} bounds do not hold (NO below)."
    sections = "\n".join(_section(*chapter) for chapter in chapters)
    head = f"# Benchmarks\n\nMade by `make bench`; every rival was measured in the same run. {verdict}"
    return f"{head}\n\n{facts}\n\n{sections}"


def _section(chapter: Chapter, end: Moment) -> str:
    how = f"{chapter.how.strip()}\n\n" if chapter.how else ""
    machine = f"At the end: load average {end.load:.1f}; Python adds up a million squares in {end.loop_ms:.0f} ms."
    return f"## {chapter.title}\n\n{table(chapter.figures)}\n\n{how}{machine}\n"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[[], *PARTS], help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="just enough to see that everything runs")
    return parser.parse_args()


def _say(sentence: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
