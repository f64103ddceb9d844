"""Periods in a résumé: `Jan 2019 - present`, `03/2015 to 06/2018`, `2/1/2012 - 8/1/2014`, `2012-2014`, `1971-76`, `May to July 2011`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_MOMENT = (
    rf"(?:{_MONTH}[ ,'\u2019]*(?:19|20)\d\d|(?:0?[1-9]|1[0-2])\s?[/.]\s?(?:(?:0?[1-9]|[12]\d|3[01])[/.])?(?:19|20)\d\d"
    r"|(?:19|20)\d\d(?:[-/](?:0[1-9]|1[0-2])\b)?)"
)
_PERIOD = re.compile(
    rf"(?<![\w/])(?P<first>{_MOMENT}|{_MONTH}(?=\s*(?:[-\u2013\u2014]|to)\s*{_MONTH}[ ,]*(?:19|20)\d\d))"
    r"\s*(?:[-\u2013\u2014]+|to|until|till)\s*"
    rf"(?P<last>{_MOMENT}|present|current|now|today|ongoing|till date|to date|date|(?<=(?:19|20)\d\d-)(?:1[3-9]|[2-9]\d))\b",
    re.IGNORECASE,
)


_YEAR_OF = re.compile(r"(?:19|20)\d\d")
_SHORT_YEAR = 2


@dataclass(frozen=True, slots=True)
class Period:
    """Months since year 0; `last` is the last month of it, `goes_on` says that it has not ended."""

    first: int
    last: int
    goes_on: bool = False


def period_in(text: str) -> re.Match[str] | None:
    """Answer where a text first tells of a period, for `period_of` to read."""
    # Every way to write one has a year, and years are found ten times as fast.
    return _PERIOD.search(text) if _YEAR_OF.search(text) else None


def period_of(match: re.Match[str], this_month: int) -> Period | None:
    """Answer a period, None when it is no sensible one. A bare year means all of it."""
    begun, ended = match["first"], match["last"]
    if not any(map(str.isdigit, begun)):
        begun += _YEAR_OF.findall(ended)[-1]
    goes_on = not any(map(str.isdigit, ended))
    if len(ended) == _SHORT_YEAR:
        ended = begun[-4:-2] + ended
    first, _ = _months(begun)
    last = this_month if goes_on else min(_months(ended)[1], this_month)
    return Period(first, last, goes_on) if first <= last and last - first < 12 * 60 else None


def iso_month(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


def months_worked(periods: Iterable[Period]) -> int:
    """Answer how many months the periods cover together."""
    covered, end = 0, -1
    for period in sorted(periods, key=lambda each: each.first):
        covered += max(0, period.last - max(period.first, end + 1) + 1)
        end = max(end, period.last)
    return covered


def _months(moment: str) -> tuple[int, int]:
    """Answer the first and last month that a moment may mean."""
    year = _YEAR_OF.search(moment)
    start = int(year[0]) * 12 if year else 0
    named = moment.strip()[:3].lower()
    if named in _MONTHS:
        return start + _MONTHS.index(named), start + _MONTHS.index(named)
    number = re.search(r"\b(\d{1,2})\s?[/.]|[-/](\d\d)\b", moment)
    if number:
        month = int(number[1] or number[2]) - 1
        return start + month, start + month
    return start, start + 11
