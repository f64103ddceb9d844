"""`python -m benchmarks.quality --data FOLDER [--part NAME]`: measures every part whose data is there, or one, writes QUALITY.md."""

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.quality import extraction, next_items, normalisation, reading, retrieval
from benchmarks.quality.part import Part

REPORT = Path(__file__).parent.parent / "QUALITY.md"
INTRODUCTION = """# Quality

Written by `make quality DATA=folder`; the folder holds the labelled sets by name, and what is absent is said below. Settings were tuned on
training and development splits; test splits are read for this page alone. How fast it all is says [RESULTS.md](RESULTS.md).
"""

Measured = Callable[[Path], Part]
PARTS: Mapping[str, tuple[tuple[str, ...], Measured]] = {
    "normalisation": (("onet_29_2", "esco"), normalisation.measured),
    "extraction": (("skillspan",), extraction.measured),
    "retrieval": (("nyc_jobs",), retrieval.measured),
    "next_items": (("idea_feedback",), next_items.measured),
    "reading": ((), reading.measured),
}
"""Each part with the folders of data it needs."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled sets, each under its name")
    parser.add_argument("--part", choices=tuple(PARTS), help="measure this part alone and put it in the report's")
    arguments = parser.parse_args()
    sections, missing = [], []
    for name, (needed, measured) in PARTS.items():
        if arguments.part not in (None, name):
            continue
        absent = [folder for folder in needed if not (arguments.data / folder).is_dir()]
        if absent:
            missing.append(f"{name}: not measured, {', '.join(absent)} is not in the folder")
            continue
        print(f"measuring {name} …", file=sys.stderr)
        sections.append(measured(arguments.data).markdown())
    text = "\n".join([INTRODUCTION, *sections, *missing])
    REPORT.write_text(text if arguments.part is None else _with(REPORT.read_text(), sections))
    print(text)
    return 1 if missing else 0


def _with(report: str, sections: Sequence[str]) -> str:
    """Answer the report with these sections in place of those of their titles, behind the others where it has none."""
    introduction, *kept = re.split(r"^(?=## )", report, flags=re.MULTILINE)
    by_title = {section.partition("\n")[0]: section.strip() for section in (*kept, *sections)}
    return "\n\n".join([introduction.strip(), *by_title.values()]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
