"""What a curator pinned: proposed like everything else, so that rules hold for it too."""

from array import array

from scorers.crowd import Crowd
from scorers.sources.proposals import Proposals

PIN_WEIGHT = 15.0


class CuratedPins:
    """Pins of jobs that are in force."""

    name = "pin"

    def propose(self, crowd: Crowd, into: Proposals) -> None:
        pins = [pin for pin in crowd.policy.pins if pin.is_current(crowd.now)]
        rows = [(pin, row) for pin in pins if (row := crowd.catalog.row(pin.item_id)) is not None]
        for person, query in enumerate(crowd.queries) if rows else ():
            for pin, row in rows:
                if not pin.segments or not set(pin.segments).isdisjoint(query.segments):
                    into.offer(person, array("i", [row]), PIN_WEIGHT)
