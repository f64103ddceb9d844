"""Postings that are alike: to one posting that a page shows, or to a list that was already ranked."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from catalog.columns import SLOTS
from catalog.index import Catalog
from catalog.postings_lists import PAIRED
from scorers.deeds import Floats, Ints

if TYPE_CHECKING:
    from array import array

WEIGHTS: Mapping[str, float] = {
    "place": 0.30,
    "term": 0.35,
    "occupation": 0.15,
    "skill": 0.10,
    "category": 0.07,
    "employer": 0.03,
}
"""How much each facet makes two postings alike; together 1. Place first, title second, as views go."""
DEPTH = 24
RAREST = 3


def likeness(rows: Ints, models: Mapping[int, float], catalog: Catalog) -> Floats:
    """Answer for each row how much it is like the model rows, which have weights: 0 to 1."""
    facets = catalog.columns.facets
    total = sum(models.values()) or 1.0
    standing: dict[int, float] = {}
    for model, weight in models.items():
        for code in facets[model].tolist():
            if code:
                standing[code] = standing.get(code, 0.0) + weight / total
    table = np.zeros(len(catalog.dictionary))
    table[list(standing)] = list(standing.values())
    alike = np.zeros(len(rows))
    for dimension, weight in WEIGHTS.items():
        codes = facets[rows, SLOTS[dimension]]
        known = table[codes]
        if dimension in {"term", "skill"}:
            rarity = np.where(codes > 0, np.maximum(catalog.rarity(codes), 0.1), 0.0)
            alike += weight * (known * rarity).sum(axis=1) / np.maximum(rarity.sum(axis=1), 1e-9)
        else:
            alike += weight * known.max(axis=1)
    return np.minimum(alike, 1.0)


def neighbours(models: Sequence[int], catalog: Catalog, depth: int = DEPTH) -> Ints:
    """Answer rows of open postings that share places and kinds of work, or the rarest words, with any model; at most some hundred."""
    found: list[array[int]] = []
    for facets in catalog.columns.facets[list(models)]:
        codes: list[int] = facets.tolist()
        kinds = [code for dimension in PAIRED for code in codes[SLOTS[dimension]] if code]
        for place in filter(None, codes[SLOTS["place"]]):
            found.extend(catalog.newest_of_pair(place, kind, depth) for kind in kinds)
        words = np.array([code for code in (*codes[SLOTS["term"]], *codes[SLOTS["skill"]]) if code], np.int64)
        rarest = words[np.argsort(-catalog.rarity(words), kind="stable")][:RAREST].tolist() if len(words) else []
        found.extend(catalog.newest_of(code, depth) for code in (*rarest, *kinds))
    rows = np.frombuffer(b"".join(found), np.int32)
    return np.unique(rows).astype(np.int64)
