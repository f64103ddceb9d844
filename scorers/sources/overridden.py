"""What a colleague pinned or boosted for this person: proposed like everything else, so that rules hold for it too."""

from array import array

from scorers.crowd import Crowd
from scorers.sources.pins import PIN_WEIGHT
from scorers.sources.proposals import Proposals


class Overridden:
    """Postings of pins and boosts in force."""

    name = "override"

    def propose(self, crowd: Crowd, into: Proposals) -> None:
        for person, overrides in enumerate(crowd.overrides):
            for override in overrides:
                row = None if override.kind == "block" else crowd.catalog.row(override.item_id)
                if row is not None:
                    into.offer(person, array("i", [row]), PIN_WEIGHT)
