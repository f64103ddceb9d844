"""Tables from anywhere: CSV, TSV, JSON lines or Parquet, their columns found by what people usually call them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

Row = Mapping[str, str]
Aliases = Mapping[str, Sequence[str]]
"""For each column of ours, what others call it, in plain letters; the first that is there is taken."""


class UnreadableTable(ValueError):
    """A file that is no table, or lacks a column; the message says which columns it has."""


def read_table(file: Path, aliases: Aliases, required: Sequence[str], chosen: Mapping[str, str]) -> Iterator[Row]:
    """Answer each row by our names, every value as text, empty where there is none; `chosen` names columns outright."""
    table = _read(file)
    columns = _columns(file, table.columns, aliases, required, chosen)
    texts = table.select(
        [pl.col(theirs).cast(pl.String, strict=False).fill_null("").alias(ours) for ours, theirs in columns.items()]
    )
    yield from texts.iter_rows(named=True)


def milliseconds(text: str) -> int | None:
    """Read a time as people write it: seconds, milliseconds or microseconds since the epoch, ISO 8601, or 4/8/2014 13:05; None for none."""
    value = text.strip().removesuffix("UTC").strip()
    try:
        number = float(value)
    except ValueError:
        return _moment(value)
    while abs(number) > 1e14:
        number /= 1000
    return round(number if abs(number) > 1e11 else number * 1000)


def number(text: str) -> float | None:
    """Read a number, None where there is none."""
    try:
        return float(text.strip().replace(",", ""))
    except ValueError:
        return None


_FORMATS = (
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S.%f %z",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
)


def _moment(value: str) -> int | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        for each in _FORMATS:
            try:
                at = datetime.strptime(value, each)  # noqa: DTZ007  # where no zone stands, UTC is taken below
                break
            except ValueError:
                continue
        else:
            return None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def _read(file: Path) -> pl.DataFrame:
    name = file.name.removesuffix(".gz").lower()
    try:
        if name.endswith(".parquet"):
            return pl.read_parquet(file)
        if name.endswith((".jsonl", ".ndjson")):
            return pl.read_ndjson(file, infer_schema_length=None)
        separator = "\t" if name.endswith(".tsv") else ","
        return pl.read_csv(
            file, separator=separator, infer_schema=False, encoding="utf8-lossy", truncate_ragged_lines=True
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableTable(f"{file} cannot be read as CSV, TSV, JSON lines or Parquet: {error}") from error


def _columns(
    file: Path, there: Sequence[str], aliases: Aliases, required: Sequence[str], chosen: Mapping[str, str]
) -> dict[str, str]:
    plain = {_plain(name): name for name in reversed(there)}
    found: dict[str, str] = {}
    for ours, names in aliases.items():
        theirs = chosen.get(ours) or next((plain[name] for name in names if name in plain), None)
        if theirs is not None and theirs not in there:
            raise UnreadableTable(f"{file} has no column {theirs}; it has {', '.join(there)}")
        if theirs is not None:
            found[ours] = theirs
    missing = [ours for ours in required if ours not in found]
    if missing:
        raise UnreadableTable(
            f"{file} has no column that looks like {missing[0]}; name it with --column {missing[0]}=NAME. It has {', '.join(there)}"
        )
    return found


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
