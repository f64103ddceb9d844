"""`python -m benchmarks.simulation [--seeds N] [--real]`: studies every seed that was not studied yet, then writes SIMULATION.md."""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.simulation.employers import JOINS, employers
from benchmarks.simulation.figures import Study
from benchmarks.simulation.proof import SMALL, compare
from benchmarks.simulation.report import report
from benchmarks.simulation.study import FULL, study

FOLDER = Path(__file__).parent
REPORT = FOLDER.parent / "SIMULATION.md"
PICTURES = FOLDER / "pictures"
STEPS = 6 + FULL.retrainings + len(JOINS)
"""Of one seed."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many (default 10)")
    parser.add_argument("--kept", type=Path, default=Path("build/simulation"), help="where finished seeds are kept")
    parser.add_argument("--real", action="store_true", help="also run one seed through a real Kafka and Redis")
    asked = parser.parse_args()
    asked.kept.mkdir(parents=True, exist_ok=True)
    studies = list(_studied(range(1, asked.seeds + 1), asked.kept))
    proof = _proven(asked.kept, again=asked.real)
    REPORT.write_text(report(studies, proof, PICTURES), encoding="utf-8")
    print(f"wrote {REPORT.name}")


def _studied(seeds: range, kept: Path) -> Iterator[Study]:
    """Answer each seed's study, the employer's side under `joins`; what was finished before and is kept is not run again."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("simulating", total=STEPS * len(seeds))
        for seed in seeds:

            def step(what: str, seed: int = seed) -> None:
                progress.update(task, advance=1, description=f"seed {seed}: {what}")

            told = _once(kept / f"seed-{seed}.json", partial(study, seed, FULL, step))
            heads = partial(employers, seed, told["heads"], FULL, on_step=step)
            yield Study({**told, "joins": _once(kept / f"employers-{seed}.json", heads)})
            progress.update(task, completed=STEPS * seed)


def _once(file: Path, work_out: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Answer what is kept in a file; where it is not there, work it out and keep it."""
    if not file.exists():
        file.write_bytes(orjson.dumps(work_out()))
    found: Mapping[str, Any] = orjson.loads(file.read_bytes())
    return found


def _proven(kept: Path, *, again: bool) -> Mapping[str, Any]:
    file = kept / "real.json"
    if again:
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it reports each retry while topics get their leaders
        with tempfile.TemporaryDirectory(prefix="simulation-") as folder:
            file.write_bytes(orjson.dumps({**compare(1, Path(folder), _say), "people": SMALL.at_once}))
    return orjson.loads(file.read_bytes()) if file.exists() else {}


def _say(sentence: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
