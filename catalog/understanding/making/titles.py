"""The table of a taxonomy: which words its titles and descriptions have, counted by occupation."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.understanding.counted import SHARPNESS
from catalog.understanding.title_words import FAMILIES, GROUPED, feature_key, text_features, title_features

TITLE_SMOOTHING = 10.0
TEXT_SMOOTHING = 100.0
"""Titles (features of a description) that an occupation is thought to have of the common kind beside its own."""
REPORTED_WEIGHT = 4
"""A reported title counts as so many others; fitted with what families weigh."""
REPORTED_PRIOR, UNREPORTED_PRIOR = -1.31, -3.54
"""What an occupation has before a title is read, for the logarithm of its reported titles (which count too much, being counted
REPORTED_WEIGHT times), and where none is reported: nobody calls their work `Managers, All Other`."""
LACKED_SMOOTHING = 5.0
"""As many more titles an occupation is thought to have that lack a word of its."""
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


@dataclass(frozen=True, slots=True)
class Weighing:
    """What the signs of one kind of taxonomy weigh: fitted with equal strings taken away."""

    families: Mapping[str, float]
    """`whole`, which titles without their equals never have, is set by hand: an occupation's own title is its name."""
    lacked: float
    """What it says against an occupation that a title lacks one of its words: so many times `log(1 - share)`, weighed as a stem, for each
    word that this share of its titles have. An industrial roofer is none of the roofers' helpers."""
    titles: float
    """What an occupation has before a title is read, for the logarithm of its titles."""


REPORTED = Weighing(
    {
        "stem": 0.14, "edge": 0.24, "head": 0.08, "pair": 0.08, "quad": 0.017, "whole": 0.5, "text": 0.27, "text_pair": 0.1,
        "group_stem": 0.2, "group_edge": 0.06,
    },
    lacked=5.3,
    titles=0.14,
)  # fmt: skip
"""Where titles are reported: fitted on 5,700 of O*NET's reported titles that the report does not ask about, in four parts."""
UNREPORTED = Weighing(
    {
        "stem": 0.21, "edge": 0.21, "head": 0.08, "pair": 0.05, "quad": 0.03, "whole": 0.5, "text": 0.27, "text_pair": 0.03,
    },
    lacked=0.0,
    titles=0.11,
)  # fmt: skip
"""Where none is. Weights fitted on ESCO's own labels answer nearly all of these, and other people's titles wrongly."""


def taxonomy_table(occupations: Iterable[Named]) -> Mapping[str, NDArray[Any]]:
    """Answer the arrays of a taxonomy; a title counts once for an occupation, a reported one REPORTED_WEIGHT times.

    Groups are counted, and related occupations kept, where the taxonomy has reported and related ones.
    """
    named = list(occupations)
    counts = _counted(named)
    is_reported = any(each.reported for each in named)
    weighing = REPORTED if is_reported else UNREPORTED
    table: dict[str, NDArray[Any]] = {
        "names": np.frombuffer("\n".join("\t".join((n.code, n.titles[0], n.parent)) for n in named).encode(), np.uint8),
        "prior": _prior(named, weighing, counts["stem"]),
        **_families(named, counts, FAMILIES, lacked=weighing.lacked),
    }
    if is_reported:
        groups = _groups(named)
        grouped = _families(groups, _counted(groups), tuple(GROUPED.values()))
        table |= {f"group_{name}": array for name, array in grouped.items()}
    if any(each.related for each in named):
        table["related"] = _related(named)
    return table | {f"{name}.weight": np.array(weight, np.float32) for name, weight in weighing.families.items()}


def _prior(named: Sequence[Named], weighing: Weighing, stems: Mapping[str, Counter[int]]) -> NDArray[np.float32]:
    """Answer what each occupation has before a title is read: as if the title had none of the occupation's words."""
    titles = np.array([len(set(each.titles)) for each in named])
    reported = np.array([len(each.reported) for each in named])
    prior = weighing.titles * np.log1p(titles)
    if reported.any():
        prior += REPORTED_PRIOR * np.log1p(reported) + UNREPORTED_PRIOR * (reported == 0)
    weighed = _weighed_titles(named)
    for having in _by_key(stems).values():
        places, times = np.array(list(having)), np.array(list(having.values()), np.float64)
        prior[places] += weighing.families["stem"] * weighing.lacked * _lack(times, weighed[places])
    return np.asarray(prior, np.float32)


def _weighed_titles(named: Sequence[Named]) -> NDArray[np.float64]:
    return np.array([len(set(each.titles)) + (REPORTED_WEIGHT - 1) * len(each.reported) for each in named], np.float64)


def _lack(times: NDArray[np.float64], titles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Answer the logarithm of the share of titles that lack a feature."""
    return np.log1p(-times / (titles + LACKED_SMOOTHING))


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


def _families(
    named: Sequence[Named],
    counts: Mapping[str, Mapping[str, Counter[int]]],
    names: Sequence[str],
    *,
    lacked: float = 0.0,
) -> Mapping[str, NDArray[Any]]:
    """Answer the arrays of some families: `stem.keys` and so on; a stem takes back what the prior says of its lack."""
    titles = np.array([len(set(each.titles)) for each in named], np.float64)
    weighed = _weighed_titles(named)
    table: dict[str, NDArray[Any]] = {}
    for family in names:
        sizes, smoothing = titles, TITLE_SMOOTHING
        if family in _TEXTS:
            sizes, smoothing = np.zeros(len(named)), TEXT_SMOOTHING
            for having in counts[family].values():
                for place, count in having.items():
                    sizes[place] += count
        keys, lengths, places, times = _listed(_by_key(counts[family]))
        totals = np.repeat(np.add.reduceat(times, np.cumsum(lengths) - lengths), lengths)
        odds = np.log1p(times * sizes.sum() / (smoothing * totals))
        if family == "stem":
            odds -= lacked * _lack(times, weighed[places])
        table |= {
            f"{family}.keys": keys,
            f"{family}.starts": np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32),
            f"{family}.occupations": places.astype(np.uint16),
            f"{family}.odds": np.minimum(np.round(odds * SHARPNESS), 255).astype(np.uint8),
            f"{family}.absent": np.log(smoothing / (smoothing + sizes)).astype(np.float32),
        }
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


def _listed(
    counts: Mapping[str, Counter[int]],
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Answer the keys of features in their order, how many occupations each has, which these are, and how often each."""
    keyed = sorted((feature_key(feature), having) for feature, having in counts.items())
    keys = np.array([key for key, _ in keyed], np.uint32)
    lengths = np.array([len(having) for _, having in keyed], np.int64)
    places = np.array([place for _, having in keyed for place in sorted(having)], np.int64)
    times = np.array([having[place] for _, having in keyed for place in sorted(having)], np.float64)
    return keys, lengths, places, times


def _by_key(counts: Mapping[str, Counter[int]]) -> Mapping[str, Counter[int]]:
    """Answer the counts with one feature for each key: of two that share a key the commoner stays."""
    kept: dict[int, str] = {}
    for feature in sorted(counts, key=lambda each: (counts[each].total(), each)):
        kept[feature_key(feature)] = feature
    return {feature: counts[feature] for feature in kept.values()}
