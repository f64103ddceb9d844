"""The registry of trained models: the compacted topic `models`, read whole, and what of it may decide here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import structlog

from learning.speed import quickest_ms
from schemas.trained import (
    PRIOR,
    STANDING,
    MalformedModel,
    Standing,
    TrainedModel,
    decode_model,
    decode_standing,
)
from scorers.models import BoostedModel, Model, PriorModel
from scorers.trained import UnusableModel, rows_of, usable_model

RECORDS_LIMIT = 20
"""How many models are kept; older ones go, unless they decide, challenge, or could be rolled back to."""

SLOWEST_MS = 3.0
"""What scoring ROWS may take here, of one thread's time: ten times what the gate allows. A slower model would be in every answer's way."""
ROWS = 100
TRIES = 5

log = structlog.get_logger("careerstream.models")


@dataclass(slots=True)
class Registry:
    """The records of the topic by model name, oldest first, the standing, and what is wrong with one that came after it."""

    records: dict[str, bytes] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)
    problem: str | None = None

    def apply(self, key: bytes | None, value: bytes | None) -> None:
        """Take one record in; a standing that cannot be read leaves the last one in force."""
        name = (key or b"").decode("utf-8", "replace")
        if name == STANDING and value is not None:
            try:
                self.standing, self.problem = decode_standing(value), None
            except MalformedModel as problem:
                log.warning("standing_refused", problem=str(problem))
                self.problem = str(problem)
        elif value is None:
            self.records.pop(name, None)
        elif name != STANDING:
            self.records[name] = value

    def model(self, name: str) -> TrainedModel:
        """Answer a model by name; MalformedModel when it is not there or damaged."""
        value = self.records.get(name)
        if value is None:
            raise MalformedModel(f"there is no model {name}")
        return decode_model(name, value)

    def superfluous(self) -> list[str]:
        """Answer the names of models that may go when one more comes."""
        needed = {self.standing.champion, self.standing.challenger, *self.standing.earlier}
        spare = [name for name in self.records if name not in needed]
        return spare[: max(0, len(self.records) + 1 - RECORDS_LIMIT)]


@dataclass(frozen=True, slots=True)
class InUse:
    """What decides here, what scores beside it, and why something else decides than was promoted last."""

    champion: Model
    challenger: Model | None = None
    problem: str | None = None


class Serving:
    """Holds the model in use; whoever decides asks for it each time, so a swap needs no stop."""

    def __init__(self, fit_share: float) -> None:
        self._prior = PriorModel(fit_share)
        self._fit_share = fit_share
        self._loaded: dict[str, BoostedModel] = {}
        self.now = InUse(self._prior)

    def chosen(self, registry: Registry) -> InUse:
        """Answer what may be used: the champion, else what decided before it, else the prior. Slow: some 50 ms a new model."""
        standing, records, problem = registry.standing, registry.records, registry.problem
        for name in (standing.champion, *standing.earlier):
            try:
                champion = self._model(name, records)
                break
            except (MalformedModel, UnusableModel) as error:
                problem = problem or str(error)
        else:
            champion = self._prior
        challenger: Model | None = None
        if standing.challenger is not None:
            try:
                challenger = self._model(standing.challenger, records)
            except (MalformedModel, UnusableModel) as error:
                log.warning("challenger_not_usable", problem=str(error))
        self._loaded = {
            name: kept for name, kept in self._loaded.items() if name in {champion.name, standing.challenger}
        }
        return InUse(champion, challenger, problem)

    def use(self, chosen: InUse) -> None:
        """Let it decide from now on."""
        if chosen.problem is not None and chosen.problem != self.now.problem:
            log.error("model_not_usable", problem=chosen.problem, deciding=chosen.champion.name)
        if chosen.champion.name != self.now.champion.name:
            log.info("model_swapped", before=self.now.champion.name, now=chosen.champion.name)
        self.now = chosen

    def _model(self, name: str, records: Mapping[str, bytes]) -> Model:
        if name == PRIOR:
            return self._prior
        if name not in self._loaded:
            value = records.get(name)
            if value is None:
                raise MalformedModel(f"there is no model {name}")
            record = decode_model(name, value)
            model = usable_model(record)
            _check_speed(model, record)
            self._loaded[name] = replace(model, fit_share=self._fit_share)
        return self._loaded[name]


def _check_speed(model: BoostedModel, record: TrainedModel) -> None:
    """Raise UnusableModel when even the quickest of some tries takes too long: another machine than the gate's may be slower."""
    rows = rows_of(record.probe.rows, len(record.features))
    quickest = quickest_ms(model, rows, count=ROWS, tries=TRIES)
    if quickest > SLOWEST_MS:
        raise UnusableModel(f"{record.name} is slow: {ROWS} rows take {quickest:.1f} ms, {SLOWEST_MS} ms are the most")
