"""What the signs of a title's likely occupations weigh: learned on reported titles, each by a table that knows none of its equals.

A fourth of the reported titles is taken away at a time, so that signs are learned as they are for titles that nobody wrote before.
"""

import hashlib
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.text.vectors import StaticVectors
from catalog.understanding.making.learning import Adam, Floats, shuffled, softmax
from catalog.understanding.making.meanings import meanings_table
from catalog.understanding.making.near_titles import near_table
from catalog.understanding.making.titles import Named, taxonomy_table
from catalog.understanding.second_look import FIRST_SIGHT, Signs, learned_of, title_key
from catalog.understanding.taxonomy import read_taxonomy

PARTS = 4
EPOCHS, BATCH = 14, 64
RATE, DECAY = 0.003, 0.03
NETWORKS, HIDDEN = 3, 48
"""The mean of so many networks of so many cells: one alone is right for .001 fewer titles among five."""
LEVELS = (2, 5, 6, 7)
"""Letters of a code that say its major and minor group, its broad and its detailed occupation in SOC."""


def whole_table(named: Sequence[Named], vectors: StaticVectors) -> Mapping[str, NDArray[Any]]:
    """Answer all arrays of a taxonomy with reported titles."""
    return {**first_table(named, vectors), **learned(*examples(named, vectors))}


def first_table(named: Sequence[Named], vectors: StaticVectors) -> Mapping[str, NDArray[Any]]:
    """Answer the arrays of a first look, and of the signs for a second."""
    return {**taxonomy_table(named), **meanings_table(named, vectors), **near_table(named), **_own(named)}


def _own(named: Sequence[Named]) -> Mapping[str, NDArray[Any]]:
    own = [
        (
            np.log1p(len(each.reported)),
            np.log1p(len(set(each.titles))),
            not each.reported,
            not each.code.endswith(".00"),
        )
        for each in named
    ]
    levels = [np.unique([each.code[:length] for each in named], return_inverse=True)[1] for length in LEVELS]
    known = {title_key(title) for each in named for title in each.titles}
    return {
        "second_own": np.array(own, np.float32),
        "second_levels": np.array(levels, np.uint16),
        "known_titles": np.array(sorted(known), np.uint32),
    }


def examples(named: Sequence[Named], vectors: StaticVectors) -> tuple[Floats, NDArray[np.intp]]:
    """Answer the signs of reported titles, title by occupation by sign, and which of its occupations reports each."""
    signs, truth = zip(*(each for part in range(PARTS) for each in _part(named, vectors, part)), strict=True)
    return np.array(signs, np.float32), np.array(truth)


def _part(named: Sequence[Named], vectors: StaticVectors, part: int) -> Iterator[tuple[NDArray[Any], int]]:
    """Answer the examples of one part; of a title whose occupation is not among the likely ones nothing can be learned."""
    away = frozenset(title.lower() for each in named for title in each.reported if _part_of(title) == part)
    rest = [_without(each, away) for each in named]
    table = first_table(rest, vectors)
    taxonomy, looked_at = read_taxonomy(table, vectors), Signs(table)
    for place, each in enumerate(named):
        for title in sorted(title for title in each.reported if _part_of(title) == part):
            first = taxonomy.first_look(title)
            if first is not None:
                places, own, like = looked_at.of(title, first)
                if place in places:
                    yield learned_of(own, like), int(np.flatnonzero(places == place)[0])


def _without(each: Named, away: frozenset[str]) -> Named:
    """Answer an occupation without the titles that `away` has in lower case, but with its name."""
    titles = (each.titles[0], *(title for title in each.titles[1:] if title.lower() not in away))
    return replace(each, titles=titles, reported=each.reported.intersection(titles))


def _part_of(title: str) -> int:
    return zlib.crc32(title.lower().encode()) % PARTS


def learned(signs: Floats, truth: NDArray[np.intp]) -> Mapping[str, NDArray[Any]]:
    """Answer what `SecondLook` reads: weights under which what is true is likeliest, beginning with the probability at first sight."""
    mean, spread = signs.mean(axis=(0, 1)), signs.std(axis=(0, 1)) + np.float32(1e-3)
    signs = (signs - mean) / spread
    straight = np.zeros(signs.shape[2], np.float32)
    straight[FIRST_SIGHT] = spread[FIRST_SIGHT]
    networks = [_Network(number, straight) for number in range(NETWORKS)]
    for number, network in enumerate(networks):
        for epoch in range(EPOCHS):
            order = shuffled(len(truth), number * EPOCHS + epoch)
            rate = RATE * (1 + math.cos(math.pi * epoch / EPOCHS)) / 2
            for start in range(0, len(truth), BATCH):
                some = order[start : start + BATCH]
                network.step(signs[some], truth[some], rate)
    hidden = np.concatenate([each.hidden.learned for each in networks], axis=1) / spread[:, None]
    return {
        "second_hidden": hidden,
        "second_bias": np.concatenate([each.bias.learned for each in networks]) - mean @ hidden,
        "second_out": np.concatenate([each.out.learned for each in networks]) / np.float32(NETWORKS),
        "second_straight": np.mean([each.straight.learned for each in networks], axis=0) / spread,
    }


class _Network:
    """One layer beside a straight sum; each number begins elsewhere."""

    def __init__(self, number: int, straight: Floats) -> None:
        scattered = _scattered(number, len(straight) + 1, HIDDEN)
        self.hidden = Adam(scattered[:-1] / np.float32(math.sqrt(len(straight))))
        self.bias = Adam(np.zeros(HIDDEN, np.float32))
        self.out = Adam(scattered[-1] / 100)
        self.straight = Adam(straight.copy())

    def step(self, signs: Floats, truth: NDArray[np.intp], rate: float) -> None:
        layer = signs @ self.hidden.learned + self.bias.learned
        alive = np.maximum(layer, 0)
        wrong = softmax(alive @ self.out.learned + signs @ self.straight.learned)
        wrong[np.arange(len(truth)), truth] -= 1.0
        wrong /= np.float32(len(truth))
        back = np.where(layer > 0, wrong[..., None] * self.out.learned, np.float32(0)).reshape(-1, HIDDEN)
        flat = signs.reshape(-1, signs.shape[2])
        slopes = (
            flat.T @ back,
            back.sum(axis=0),
            wrong.reshape(-1) @ alive.reshape(-1, HIDDEN),
            wrong.reshape(-1) @ flat,
        )
        for part, slope in zip((self.hidden, self.bias, self.out, self.straight), slopes, strict=True):
            part.step(slope, rate, decay=0.0 if part is self.bias else DECAY)


def _scattered(number: int, rows: int, columns: int) -> Floats:
    """Answer numbers that look as if drawn, evenly and with the variance 1, and are the same each time."""
    drawn = np.frombuffer(hashlib.shake_256(b"second look %d" % number).digest(4 * rows * columns), ">u4")
    return (math.sqrt(12) * (drawn / 2**32 - 0.5)).astype(np.float32).reshape(rows, columns)
