"""Sources propose postings: each answers one question with a bounded number of rows."""

from scorers.sources.explicit import StatedWishes
from scorers.sources.exploration import Explorer
from scorers.sources.fresh import FreshSinceLastVisit
from scorers.sources.interest import Interests
from scorers.sources.near import NearBy
from scorers.sources.neighbours import Neighbours
from scorers.sources.overridden import Overridden
from scorers.sources.pins import CuratedPins
from scorers.sources.proposals import Source
from scorers.sources.together import ViewedTogether
from scorers.sources.trending import Trending

SOURCES: tuple[Source, ...] = (
    Overridden(), CuratedPins(), StatedWishes(), ViewedTogether(), Neighbours(), Interests(), NearBy(), FreshSinceLastVisit(),
    Trending(), Explorer(),
)  # fmt: skip
"""In this order: a posting that several propose is told under the first one's name."""

__all__ = ["SOURCES", "Source"]
