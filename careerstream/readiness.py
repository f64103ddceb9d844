"""What /readyz asks: the catalogue, Redis, Kafka, and whether the agents have caught up."""

from collections.abc import Callable, Mapping

from api.probes import Probe
from careerstream.log_ends import LogEnds, behind
from careerstream.presence import Presence
from profiles.store import ProfileStore
from streams.catalogue_follower import CatalogueFollower
from streams.list_follower import ListFollower

LAG_LIMIT = 10_000
"""Records that the agents may be behind and still count as caught up: about two seconds of one worker's work."""


class Readiness:
    """The probes of one API process. `doubt` answers why nothing may be read from the Redis that is there."""

    def __init__(
        self,
        *,
        ends: LogEnds,
        store: ProfileStore,
        follower: CatalogueFollower,
        erasures: ListFollower,
        presence: Presence,
        doubt: Callable[[], str | None],
    ) -> None:
        self._ends = ends
        self._store = store
        self._follower = follower
        self._erasures = erasures
        self._presence = presence
        self._doubt = doubt

    def probes(self) -> Mapping[str, Probe]:
        """Answer each part's probe by its name."""
        return {
            "catalogue": self._catalogue,
            "erasures": self._listed,
            "redis": self._redis,
            "agents": self._agents,
        }

    async def _catalogue(self) -> str | None:
        return None if self._follower.caught_up else "still reading the catalogue topics"

    async def _listed(self) -> str | None:
        return None if self._erasures.caught_up else "still reading who was erased"

    async def _redis(self) -> str | None:
        await self._store.ping()
        return self._doubt()

    async def _agents(self) -> str | None:
        """Agents have caught up when somebody folds every partition and the checkpoints are near the log's end."""
        ends = await self._ends.now()
        alone = {str(partition) for partition in ends} - await self._presence.covered()
        if alone:
            return f"no worker folds {len(alone)} of {len(ends)} partitions"
        stored = await self._store.checkpoints(ends)
        lag = sum(end - folded for folded, end in behind(stored, ends).values())
        return None if lag <= LAG_LIMIT else f"{lag} records behind"
