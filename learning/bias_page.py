"""A bias audit as the page and the document that New York City's Local Law 144 wants published (6 RCNY § 5-301 to 5-303).

The law's scoring rate is the share of a category whose score is above the median of all; its selection rate is here the share of the
lists asked for that were recommended, person by person. What is not declared is counted and not judged; a category of less than 2 % or
thirty people is told with its reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from learning.bias import RECOMMENDED, SCORED, Audit
from learning.card import NOT_FOR, PURPOSE, moment
from learning.impact import LEAST_PEOPLE, LEAST_SHARE, UNKNOWN, Cell

SOURCE = "Historical data of this house: the lists of postings that it served, as its decision log has them, and what employers answered."
LABELS = (
    "Categories are what people declared about themselves, in a file apart that no model reads; nothing was inferred."
)
EXCLUDED = f"less than {LEAST_SHARE:.0%} of the data or fewer than {LEAST_PEOPLE} people: a ratio would say nothing"
RATES: Mapping[str, str] = {SCORED: "Scoring rates", RECOMMENDED: "Selection rates"}
"""What the law asks for, by measure; the other measures stand behind."""


@dataclass(frozen=True, slots=True)
class About:
    """What the log does not know: the day of the audit, since when the tool is used (both ISO), and who answers for the audit."""

    audited: str
    distributed: str
    auditor: str
    tool: str = "Careerstream"


def document(audit: Audit, about: About) -> dict[str, Any]:
    """Answer the page's content as JSON."""
    return {
        "tool": about.tool,
        "purpose": PURPOSE,
        "notFor": NOT_FOR,
        "dateOfBiasAudit": about.audited,
        "distributionDate": about.distributed,
        "auditor": about.auditor,
        "dataSource": SOURCE,
        "dataExplanation": explanation(audit),
        "dataFrom": moment(audit.since),
        "dataUntil": moment(audit.until),
        "lists": audit.lists,
        "assessed": audit.people,
        "unknown": dict(audit.undeclared),
        "leftOut": audit.left_out,
        "medianScore": audit.median,
        "models": dict(audit.models),
        "cells": [_cell(cell) for cell in audit.cells],
        "exclusion": EXCLUDED,
        "flagged": len(audit.flagged),
    }


def explanation(audit: Audit) -> str:
    return (
        f"{audit.lists:,} lists served to {audit.people:,} people from {moment(audit.since)} to {moment(audit.until)}. {LABELS} "
        f"{audit.left_out:,} people were erased or objected, and are left out."
    )


def page(audit: Audit, about: About) -> str:
    """Answer the page: one HTML document that needs nothing else."""
    return "\n".join(_page(audit, about)) + "\n"


def _cell(cell: Cell) -> dict[str, Any]:
    told = asdict(cell)
    ratio = cell.compared
    told["compared"] = None if ratio is None else [ratio.value, ratio.low, ratio.high]
    return {**told, "isBelow": cell.is_below, "isFlagged": cell.is_flagged, "excluded": excluded(cell)}


def excluded(cell: Cell) -> str | None:
    """Answer why a group has no ratio, None where it has one."""
    if cell.compared is not None:
        return None
    if cell.value == UNKNOWN:
        return "unknown category"
    if cell.people is None:
        return "too few to be told"
    small = cell.people < LEAST_PEOPLE or (cell.share or 0.0) < LEAST_SHARE
    return EXCLUDED if small else "nobody to compare with"


def _page(audit: Audit, about: About) -> Iterator[str]:
    yield "<!doctype html>"
    yield f'<html lang="en"><head><meta charset="utf-8"><title>Bias audit of {escape(about.tool)}</title>'
    yield "<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    yield "table{border-collapse:collapse;margin:1rem 0}caption{text-align:left;font-weight:600}"
    yield "th,td{border:1px solid #767676;padding:.25rem .75rem;text-align:left}.below{font-weight:700}</style></head><body>"
    yield f"<h1>Bias audit of {escape(about.tool)}</h1>"
    yield f"<p>{PURPOSE} {NOT_FOR}</p><dl>"
    for name, value in _facts(audit, about):
        yield f"<dt>{name}</dt><dd>{escape(value)}</dd>"
    yield "</dl>"
    for measure in dict.fromkeys([*RATES, *[cell.measure for cell in audit.cells]]):
        yield f"<h2>{escape(RATES.get(measure, measure[0].upper() + measure[1:]))}</h2>"
        yield from _tables(measure, [cell for cell in audit.cells if cell.measure == measure])
    yield "<p>Impact ratio: a category's rate over the highest rate, with its 95 % interval; below 0.80 it is the rule of four fifths that"
    yield f"is not met. Left out of the ratios: what is {escape(EXCLUDED)}.</p></body></html>"


def _facts(audit: Audit, about: About) -> Sequence[tuple[str, str]]:
    return (
        ("Date of the most recent bias audit", about.audited),
        ("Distribution date of the tool", about.distributed),
        ("Auditor", about.auditor),
        ("Source of the data", SOURCE),
        ("Explanation of the data", explanation(audit)),
        ("People assessed", f"{audit.people:,}"),
        ("In an unknown category", ", ".join(f"{name}: {count:,}" for name, count in audit.undeclared.items())),
        ("Median score", f"{audit.median:.4f}"),
        ("Models", ", ".join(f"{name} ({count:,} lists)" for name, count in audit.models.items())),
    )


def _tables(measure: str, cells: Sequence[Cell]) -> Iterator[str]:
    for attribute in dict.fromkeys(cell.attribute for cell in cells):
        said = "difference" if cells[0].kind == "difference" else "impact ratio"
        yield f"<table><caption>{escape(measure)}, by {escape(attribute)}</caption>"
        yield f"<tr><th>category</th><th>people</th><th>rate</th><th>{said}</th><th>95 % interval</th></tr>"
        for cell in cells:
            if cell.attribute == attribute:
                yield _row(cell)
        yield "</table>"


def _row(cell: Cell) -> str:
    people, rate = ("few", "") if cell.people is None else (f"{cell.people:,}", f"{cell.rate:.3f}")
    ratio = cell.compared
    told = (
        (str(excluded(cell)), "") if ratio is None else (f"{ratio.value:.2f}", f"{ratio.low:.2f} to {ratio.high:.2f}")
    )
    marked = ' class="below"' if cell.is_below else ""
    values = "".join(f"<td>{escape(value)}</td>" for value in (cell.value, people, rate, *told))
    return f"<tr{marked}>{values}</tr>"
