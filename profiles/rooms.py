"""How much room each collection of a section has: together at most `sections.STATE_LIMIT` for one candidate id.

The fixed part is what an entry costs in JSON with its comma besides its texts, the texts are those of its key. Short
ids fit more entries than long ones: with six-digit requisition numbers the newest 36 engagements stay, with UUIDs the
newest 19.
"""

from operator import itemgetter
from typing import Any

from profiles.newest import Bound
from schemas.consent import NAMES
from schemas.ids import ID_LIMIT

_first = itemgetter(1)
_second = itemgetter(2)

# Clicks
ENGAGEMENTS = Bound(limit=64, room=1216, fixed=27, text=_first, longest=ID_LIMIT)
DWELL_LIMIT_MS = 3_600_000
"""An hour: a page left open longer was not read longer."""

REASON_ROOM = 20
_REASON = "because of something "
"""As long as a reason may be with its comma: a mark with a reason is charged for the longest."""


def _mark(entry: tuple[int, str, int, object]) -> str:
    return f"{entry[1]}{_REASON}" if entry[2] == 3 else entry[1]


MARKS = Bound(limit=64, room=1000, fixed=23, text=_mark, longest=ID_LIMIT + len(_REASON))

SHOWING_ROOM = 190
"""Bytes of job ids of one list: less than a third of the room, so that the newest three lists are always there."""


def _showing(entry: Any) -> str:
    return '","'.join(entry[1])


SHOWINGS = Bound(limit=32, room=648, fixed=21, text=_showing, longest=SHOWING_ROOM)
TOUCHED = Bound(limit=24, room=304, fixed=21, text=_first, longest=ID_LIMIT)
CONTENT_SHOWINGS = Bound(limit=24, room=240, fixed=19, text=_first, longest=ID_LIMIT)


# Sessions
def _nothing(_: Any) -> str:
    return ""


PAGES = Bound(limit=18, room=396, fixed=22, text=_nothing, longest=0)
PAGE_ROOM = 40
MOMENT_ROOMS = (40, 16, 32, 16, 32, 32, 24)
"""Session id, device, time zone, locale, locality, region, country."""
WEATHER_ROOM, REFERRER_ROOM = 16, 40

FILTERS_LIMIT = 5
QUERY_ROOM, FILTER_ROOM = 48, 16


def _search(entry: Any) -> str:
    return '","'.join((entry[1], *entry[2]))


SEARCHES = Bound(limit=16, room=400, fixed=24, text=_search, longest=QUERY_ROOM + 2 * FILTERS_LIMIT * (FILTER_ROOM + 3))
NAME_ROOM = 40
TRACKED = Bound(limit=32, room=256, fixed=15, text=_first, longest=NAME_ROOM, grain=2)
TRACKED_COUNT_LIMIT = 999
CAMPAIGN_ROOM = 24


# Applications
def _stage(entry: Any) -> str:
    job, application = entry[1:3]
    return f"{job}{application}"


STAGES = Bound(limit=64, room=1024, fixed=28, text=_stage, longest=2 * ID_LIMIT)
HISTORY = Bound(limit=24, room=320, fixed=22, text=_second, longest=ID_LIMIT)
SURVEYS = Bound(limit=8, room=208, fixed=32, text=_first, longest=ID_LIMIT)

# Profile
TRAIT_NAME_ROOM, PURPOSE_ROOM = 40, 32
_SIZES = {1 << power: "-" * (1 << power) for power in range(3, 9)}


def _said(entry: Any) -> str:
    """Charge a value for its size class, which is part of the key."""
    return f"{entry[1]}{_SIZES[entry[2]]}"


TRAITS = Bound(limit=32, room=640, fixed=24, text=_said, longest=TRAIT_NAME_ROOM + 256, grain=3)
PREFERENCES = Bound(limit=24, room=640, fixed=24, text=_said, longest=TRAIT_NAME_ROOM + 256, grain=3)
CONSENTS = Bound(limit=len(NAMES), room=432, fixed=21, text=_first, longest=PURPOSE_ROOM, grain=2)
"""All the names that the engine knows always fit: what a person said of one is pushed out by nothing."""
