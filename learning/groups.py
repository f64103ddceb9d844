"""Who belongs to which group: self-declared labels, from a file of their own that nothing that serves can read."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from learning.impact import UNKNOWN, Grouping

AND = " and "


class UnreadableGroups(ValueError):
    """The file of labels is not one; the message says what it should look like."""


@dataclass(frozen=True, slots=True)
class Labels:
    """For each person their values, by attribute; an empty one was not declared."""

    attributes: tuple[str, ...]
    of: Mapping[str, tuple[str, ...]]

    def groupings(self, people: Sequence[str]) -> list[Grouping]:
        """Answer everybody's value by attribute, and where there are several, the intersection of all."""
        declared = [self.of.get(person, ("",) * len(self.attributes)) for person in people]
        found = [
            Grouping(attribute, np.array([values[number] or UNKNOWN for values in declared], np.str_))
            for number, attribute in enumerate(self.attributes)
        ]
        if len(self.attributes) > 1:
            together = [AND.join(values) if all(values) else UNKNOWN for values in declared]
            found.append(Grouping(AND.join(self.attributes), np.array(together, np.str_)))
        return found


def read_labels(file: Path) -> Labels:
    """Read a CSV file whose first column is the candidate (`u:` or `a:` and the id) and each further one an attribute."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            return _labels(file, list(csv.reader(lines)))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableGroups(f"{file} is no CSV file in UTF-8: {error}") from error


def _labels(file: Path, rows: Sequence[Sequence[str]]) -> Labels:
    header = [name.strip() for name in rows[0]] if rows else []
    if len(header) < 2 or header[0] != "candidate":
        raise UnreadableGroups(f"{file}:1 must be a line such as candidate,sex,ethnicity")
    of: dict[str, tuple[str, ...]] = {}
    for number, row in enumerate(rows[1:], 2):
        if not row:
            continue
        if len(row) != len(header):
            raise UnreadableGroups(f"{file}:{number} has {len(row)} values, the first line names {len(header)}")
        candidate, *values = [value.strip() for value in row]
        if not candidate.startswith(("u:", "a:")):
            raise UnreadableGroups(f"{file}:{number} names {candidate!r}; a candidate is u: or a: and the id")
        if of.get(candidate, tuple(values)) != tuple(values):
            raise UnreadableGroups(f"{file}:{number} says otherwise of {candidate} than a line before")
        of[candidate] = tuple(values)
    return Labels(tuple(header[1:]), of)
