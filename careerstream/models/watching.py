"""`careerstream watch`: live figures of the model that decides, and the fall back to the prior when it no longer holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from careerstream.clock import wall_clock
from careerstream.models.commands import Registrar
from careerstream.models.watch_measures import LearningMeasures
from learning.drift import Drift, drift_of
from learning.examples import Windows, join
from learning.log import ExportedLog
from schemas.trained import PRIOR, Promotion


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched: how much of the past, and from which confidence downwards the prior takes over."""

    past: timedelta
    least_confidence: float


def look(registrar: Registrar, watch: Watch, measures: LearningMeasures, say: Callable[[str], None]) -> Drift | None:
    """Look once; let the prior decide where the model is no longer what was judged. None where there is nothing to say."""
    registry = registrar.read()
    champion = registry.standing.champion
    if champion == PRIOR:
        say("the prior decides: nothing was trained that could drift")
        return None
    record, model = registry.model(champion), registrar.model(registry, champion)
    now = wall_clock()
    with TemporaryDirectory(prefix="careerstream-") as folder:
        registrar.export(Path(folder), now - round(watch.past.total_seconds() * 1000))
        # The model's own: its chances are of a response within that time, and hold against nothing else.
        window = timedelta(hours=record.card["data"]["responseWindowHours"])
        joined = join(ExportedLog(Path(folder)), Windows(response=window))
    drift = drift_of(joined.examples, model, record.reference, places=record.card["places"], as_of=now)
    if drift is None:
        say(f"{len(joined.examples):,} shown postings with their features are too few to say anything about {champion}")
        return None
    measures.note(drift)
    worst = ", ".join(f"{name} {apart.psi:.2f}" for name, apart in drift.worst)
    say(f"{champion}: confidence {drift.confidence:.2f}, calibration {drift.calibration}, largest PSI {worst}")
    if drift.confidence < watch.least_confidence:
        why = f"confidence {drift.confidence:.2f} is below {watch.least_confidence}: calibration {drift.calibration}, PSI {worst}"
        registrar.stand(registry.standing.promoted(Promotion(PRIOR, now, "watch", why)))
        say(f"{PRIOR} decides from now on: {why}")
    return drift
