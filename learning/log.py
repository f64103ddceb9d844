"""The log that is learned from: records of the topics, out of Parquet exports of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from schemas.topics import Topic

COLUMNS = ("key", "value", "timestamp")


class UnreadableLog(ValueError):
    """A folder that holds no export, or one of another form; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record; `timestamp` is milliseconds since the epoch."""

    key: bytes | None
    value: bytes | None
    timestamp: int


class Log(Protocol):
    """Records by topic, partition by partition in the order of the log. May be read several times."""

    def records(self, topic: Topic) -> Iterator[LogRecord]: ...


class ExportedLog:
    """A folder with files `<topic>*.parquet` with the columns key, value (both binary) and timestamp (milliseconds)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        if not any(self._files(Topic.DECISIONS)):
            raise UnreadableLog(f"{folder} has no decisions*.parquet; `careerstream export {folder}` writes an export")

    def records(self, topic: Topic) -> Iterator[LogRecord]:
        for file in self._files(topic):
            yield from _read(file)

    def _files(self, topic: Topic) -> Iterable[Path]:
        return sorted(file for file in self._folder.glob(f"{topic.value}*.parquet"))


def write_records(records: Iterable[LogRecord], file: Path) -> None:
    """Write records as one file of an export."""
    rows = [(record.key, record.value, record.timestamp) for record in records]
    schema = {"key": pl.Binary, "value": pl.Binary, "timestamp": pl.Int64}
    pl.DataFrame(rows, schema=schema, orient="row").write_parquet(file)


def _read(file: Path) -> Iterator[LogRecord]:
    try:
        table = pl.read_parquet(file, columns=list(COLUMNS))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableLog(f"{file} cannot be read as an export with {', '.join(COLUMNS)}: {error}") from error
    table = table.with_columns(pl.col("key", "value").cast(pl.Binary), pl.col("timestamp").cast(pl.Int64))
    for key, value, timestamp in table.iter_rows():
        yield LogRecord(key, value, timestamp)
