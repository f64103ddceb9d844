"""Neighbours of what was viewed last: the same place, and the telling words of the title."""

import numpy as np

from catalog.columns import SLOTS
from catalog.postings_lists import PAIRED
from scorers.crowd import Crowd
from scorers.sources.proposals import Proposals

PLACE_WEIGHT, TITLE_WEIGHT = 1.0, 0.6
RAREST_TERMS = 2


class Neighbours:
    """Half the people have viewed two postings: what they looked at last says most."""

    name = "neighbours"

    def propose(self, crowd: Crowd, into: Proposals) -> None:
        catalog, depths = crowd.catalog, crowd.policy.shortlisting
        latest = [
            (person, rank, row)
            for person, rows in enumerate(crowd.deeds.recent)
            for rank, row in enumerate(rows[: depths.neighbours])
        ]
        if not latest:
            return
        facets = catalog.columns.facets[[row for _, _, row in latest]]
        terms = facets[:, SLOTS["term"]]
        rarity = np.where(terms > 0, catalog.rarity(terms), -1.0)
        order = (-rarity).argsort(axis=1, kind="stable")[:, :RAREST_TERMS]
        rarest = terms[np.arange(len(terms))[:, None], order]
        kinds = np.concatenate([facets[:, SLOTS[dimension]] for dimension in PAIRED], axis=1)
        for (person, rank, _), places, alike, words in zip(
            latest, facets[:, SLOTS["place"]].tolist(), kinds.tolist(), rarest.tolist(), strict=True
        ):
            late = 1.0 / (1 + rank)
            for place in filter(None, places[:1]):
                for kind in filter(None, alike[:2]):
                    into.offer(person, catalog.newest_of_pair(place, kind, depths.pair_depth), PLACE_WEIGHT * late)
            for word in filter(None, words):
                into.offer(person, catalog.newest_of(word, depths.depth), TITLE_WEIGHT * late)
