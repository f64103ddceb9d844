"""The table of a taxonomy: which words its titles and descriptions have, counted by occupation."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.understanding.taxonomy import SHARPNESS, feature_key
from catalog.understanding.title_words import FAMILIES, GROUPED, text_features, title_features

TITLE_SMOOTHING = 10.0
TEXT_SMOOTHING = 100.0
"""Titles (features of a description) that an occupation is thought to have of the common kind beside its own."""
REPORTED_WEIGHT = 4
"""A reported title counts as so many others; fitted with the weights of the families."""
TITLES_PRIOR, REPORTED_PRIOR, UNREPORTED_PRIOR = 0.11, -1.05, -2.84
"""What an occupation has before a title is read, for the logarithm of its titles and of those reported (which count too much, being counted
REPORTED_WEIGHT times), and where none is reported: nobody calls their work `Managers, All Other`."""
_TEXTS = ("text", "text_pair")


@dataclass(frozen=True, slots=True)
class Named:
    """An occupation as its taxonomy has it: all its titles (the first is its label) and what describes it."""

    code: str
    parent: str
    titles: tuple[str, ...]
    text: str
    reported: frozenset[str] = frozenset()
    """Which of the titles people who do the work reported: those are what titles look like."""
    related: tuple[str, ...] = ()
    """Codes of occupations that the taxonomy calls related."""


def taxonomy_table(occupations: Iterable[Named]) -> Mapping[str, NDArray[Any]]:
    """Answer the arrays of a taxonomy; a title counts once for an occupation, a reported one REPORTED_WEIGHT times.

    Groups are counted, and related occupations kept, where the taxonomy has reported and related ones.
    """
    named = list(occupations)
    table: dict[str, NDArray[Any]] = {
        "names": np.frombuffer("\n".join("\t".join((n.code, n.titles[0], n.parent)) for n in named).encode(), np.uint8),
        "prior": _prior(named),
        **_families(named, FAMILIES),
    }
    if any(each.reported for each in named):
        grouped = _families(_groups(named), tuple(GROUPED.values()))
        table |= {f"group_{name}": array for name, array in grouped.items()}
    if any(each.related for each in named):
        table["related"] = _related(named)
    return table


def _prior(named: Sequence[Named]) -> NDArray[np.float32]:
    titles = np.array([len(set(each.titles)) for each in named])
    reported = np.array([len(each.reported) for each in named])
    prior = TITLES_PRIOR * np.log1p(titles)
    if reported.any():
        prior += REPORTED_PRIOR * np.log1p(reported) + UNREPORTED_PRIOR * (reported == 0)
    return np.asarray(prior, np.float32)


def _groups(named: Sequence[Named]) -> list[Named]:
    """Answer the parents, each with the titles of all its occupations, in the order of their codes."""
    return [
        Named(
            parent,
            "",
            tuple(title for each in named if each.parent == parent for title in each.titles),
            "",
            frozenset(title for each in named if each.parent == parent for title in each.reported),
        )
        for parent in sorted({each.parent for each in named})
    ]


def _related(named: Sequence[Named]) -> NDArray[np.uint16]:
    """Answer the places of the related occupations, a row for each; where there are fewer, the number of all fills the row."""
    places = {each.code: place for place, each in enumerate(named)}
    rows = [[places[code] for code in each.related if code in places] for each in named]
    table = np.full((len(rows), max(map(len, rows))), len(rows), np.uint16)
    for row, found in zip(table, rows, strict=True):
        row[: len(found)] = found
    return table


def _families(named: Sequence[Named], names: Sequence[str]) -> Mapping[str, NDArray[Any]]:
    """Answer the arrays of some families: `stem.keys` and so on."""
    counts = _counted(named)
    titles = np.array([len(set(each.titles)) for each in named], np.float64)
    table: dict[str, NDArray[Any]] = {}
    for family in names:
        sizes, smoothing = titles, TITLE_SMOOTHING
        if family in _TEXTS:
            sizes, smoothing = np.zeros(len(named)), TEXT_SMOOTHING
            for having in counts[family].values():
                for place, count in having.items():
                    sizes[place] += count
        table |= {f"{family}.{part}": array for part, array in _family(counts[family], sizes, smoothing).items()}
    return table


def _counted(named: Sequence[Named]) -> Mapping[str, dict[str, Counter[int]]]:
    counts: dict[str, dict[str, Counter[int]]] = {family: defaultdict(Counter) for family in FAMILIES}
    for place, occupation in enumerate(named):
        for title in dict.fromkeys(occupation.titles):
            weight = REPORTED_WEIGHT if title in occupation.reported else 1
            for family, features in title_features(title).items():
                if family not in _TEXTS:
                    for feature in features:
                        counts[family][feature][place] += weight
    for place, occupation in enumerate(named):
        for family, features in text_features(occupation.text).items():
            # A word that no title has is never asked for.
            asked = counts["stem" if family == "text" else "pair"]
            for feature in features:
                if feature in asked:
                    counts[family][feature][place] += 1
    return counts


def _family(
    counts: Mapping[str, Counter[int]], sizes: NDArray[np.float64], smoothing: float
) -> Mapping[str, NDArray[Any]]:
    keyed = sorted((feature_key(feature), having) for feature, having in _by_key(counts).items())
    keys = np.array([key for key, _ in keyed], np.uint32)
    lengths = np.array([len(having) for _, having in keyed], np.int64)
    places = np.array([place for _, having in keyed for place in sorted(having)], np.int64)
    times = np.array([having[place] for _, having in keyed for place in sorted(having)], np.float64)
    totals = np.repeat([having.total() for _, having in keyed], lengths)
    odds = np.log1p(times * sizes.sum() / (smoothing * totals))
    return {
        "keys": keys,
        "starts": np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32),
        "occupations": places.astype(np.uint16),
        "odds": np.minimum(np.round(odds * SHARPNESS), 255).astype(np.uint8),
        "absent": np.log(smoothing / (smoothing + sizes)).astype(np.float32),
    }


def _by_key(counts: Mapping[str, Counter[int]]) -> Mapping[str, Counter[int]]:
    """Answer the counts with one feature for each key: of two that share a key the commoner stays."""
    kept: dict[int, str] = {}
    for feature in sorted(counts, key=lambda each: (counts[each].total(), each)):
        kept[feature_key(feature)] = feature
    return {feature: counts[feature] for feature in kept.values()}
