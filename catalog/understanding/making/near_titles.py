"""The titles of a taxonomy as numbers of words, and what the words are made of, for `near_titles.py`."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.understanding.making.titles import Named
from catalog.understanding.near_titles import MADE_OF
from catalog.understanding.title_words import feature_key, title_words


def near_table(named: Sequence[Named]) -> Mapping[str, NDArray[Any]]:
    """Answer the arrays that `NearTitles` reads; a title without words is left out."""
    titles = [
        [(words, title in each.reported) for title in dict.fromkeys(each.titles) if (words := _words(title))]
        for each in named
    ]
    every = [title for each in titles for title in each]
    numbers = {word: number for number, word in enumerate(sorted({word for words, _ in every for word in words}))}
    table: dict[str, NDArray[Any]] = {
        "near_titles": np.array([len(each) for each in titles], np.uint16),
        "near_reported": np.array([is_reported for _, is_reported in every], np.bool_),
        "near_lengths": np.array([len(words) for words, _ in every], np.uint8),
        "near_words": np.array([numbers[word] for words, _ in every for word in words], np.uint16),
    }
    for name, made_of in MADE_OF.items():
        table |= _parts(name, {word: _keys(made_of(word)) for word in numbers}, numbers, [words for words, _ in every])
    return table


def _words(title: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(title_words(title)))


def _keys(parts: Iterable[str]) -> frozenset[int]:
    return frozenset(map(feature_key, parts))


def _parts(
    name: str,
    parts: Mapping[str, frozenset[int]],
    numbers: Mapping[str, int],
    titles: Sequence[tuple[str, ...]],
) -> Mapping[str, NDArray[Any]]:
    having: dict[int, list[int]] = defaultdict(list)
    for word, number in numbers.items():
        for key in parts[word]:
            having[key].append(number)
    counts = Counter(key for words in titles for key in frozenset().union(*(parts[word] for word in words)))
    keys = sorted(having)
    return {
        f"{name}.keys": np.array(keys, np.uint32),
        f"{name}.sizes": np.array([len(having[key]) for key in keys], np.uint16),
        f"{name}.words": np.array([number for key in keys for number in having[key]], np.uint16),
        f"{name}.rarity": np.log((len(titles) + 1) / (np.array([counts[key] for key in keys]) + 0.5)).astype(
            np.float32
        ),
    }
