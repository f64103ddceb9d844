"""`careerstream audit recompute`: the decision log scored again, by the models and overrides of its time."""

from dataclasses import dataclass, field, replace
from functools import lru_cache

import orjson

from api.archive import KafkaArchive
from careerstream.audit import decisions
from careerstream.models.registry import Registry
from careerstream.models.topic import read_registry
from careerstream.overriding import read_overrides
from careerstream.parts import topic_names
from careerstream.settings import Settings
from schemas.logged import LoggedDecision, decode_logged
from schemas.served import ServedDecision, decode_served
from schemas.trained import PRIOR, MalformedModel
from scorers.models import Model, PriorModel
from scorers.overrides import Overrides
from scorers.recompute import Differs, ModelOf, Scores, Unfounded, rescored, served_difference
from scorers.trained import UnusableModel, usable_model

_MODELS_KEPT = 16


@dataclass(slots=True)
class Recomputed:
    """What came of it; `differing` and `unfounded` hold ids, each with why.

    `made` decisions and `served` answers score as logged. Unfounded is what cannot be scored again: its basis is not in the log, or was
    logged without what it was made from.
    """

    made: int = 0
    served: int = 0
    differing: list[tuple[str, str]] = field(default_factory=list)
    unfounded: list[tuple[str, str]] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not (self.differing or self.unfounded)


class Recomputing:
    """Takes the records of a log in any order; `finish` tells of what waited for its basis in vain.

    It keeps some 800 bytes a decision: a page's answer may be laid from a decision of long ago.
    """

    def __init__(self, model_of: ModelOf, overrides: Overrides) -> None:
        self.found = Recomputed()
        self._model_of = model_of
        self._overrides = overrides
        self._scores: dict[str, bytes | None] = {}
        """By decision; None for one that does not score as logged."""
        self._waiting: dict[str, list[ServedDecision]] = {}

    @property
    def wanted(self) -> list[str]:
        """The decisions that served ones were laid from and that were not taken yet."""
        return list(self._waiting)

    def take(self, value: bytes) -> None:
        """Take one record, of whatever kind."""
        logged = decode_logged(value)
        if logged is not None:
            self._scores[logged.decision.id] = self._score(logged)
            for served in self._waiting.pop(logged.decision.id, ()):
                self._compare(served)
        elif (served_one := decode_served(value)) is not None:
            self._take_served(served_one)

    def finish(self) -> Recomputed:
        for base, waiting in self._waiting.items():
            self.found.unfounded += [(each.id, f"its basis {base} is not in the log") for each in waiting]
        self._waiting.clear()
        return self.found

    def _score(self, logged: LoggedDecision) -> bytes | None:
        try:
            scores = rescored(logged, self._model_of, self._overrides)
        except Unfounded as problem:
            self.found.unfounded.append((logged.decision.id, str(problem)))
        except Differs as problem:
            self.found.differing.append((logged.decision.id, str(problem)))
        else:
            self.found.made += 1
            return orjson.dumps(scores)
        return None

    def _take_served(self, served: ServedDecision) -> None:
        if not served.model:
            # A curator's order is logged with what it showed alone.
            self._tell(served, {item.id: 0.0 for choice in served.choices for item in choice.items})
        elif served.base in self._scores:
            self._compare(served)
        else:
            self._waiting.setdefault(served.base, []).append(served)

    def _compare(self, served: ServedDecision) -> None:
        scores = self._scores[served.base]
        if scores is None:
            self.found.unfounded.append((served.id, f"its basis {served.base} does not score as logged"))
        else:
            self._tell(served, orjson.loads(scores))

    def _tell(self, served: ServedDecision, base: Scores) -> None:
        problems = [problem for choice in served.choices if (problem := served_difference(choice, base)) is not None]
        self.found.differing += [(served.id, problem) for problem in problems[:1]]
        self.found.served += not problems


async def recompute_log(settings: Settings, bootstrap: str, since: int | None = None) -> Recomputed:
    """Score everything that lies in the log again; may raise KafkaError, or StoreAway where a basis is looked up."""
    names, kafka = topic_names(settings), settings.kafka.client_options(bootstrap)
    registry = await read_registry(kafka, names)
    overrides = Overrides(tuple((await read_overrides(kafka, names)).records()))
    recomputing = Recomputing(_models(registry), overrides)
    async for value in decisions(kafka, names, since):
        recomputing.take(value)
    await _take_others(recomputing, KafkaArchive(kafka, names))
    return recomputing.finish()


async def _take_others(recomputing: Recomputing, archive: KafkaArchive) -> None:
    """Look up what was served of the log that was read and decided before it, or lies in another partition behind its end."""
    for base in recomputing.wanted:
        value = await archive.find(base)
        if value is not None:
            recomputing.take(value)


def _models(registry: Registry) -> ModelOf:
    @lru_cache(maxsize=_MODELS_KEPT)
    def model_of(name: str, fit_share: float) -> Model | None:
        if name == PRIOR:
            return PriorModel(fit_share)
        try:
            return replace(usable_model(registry.model(name)), fit_share=fit_share)
        except (MalformedModel, UnusableModel):
            return None

    return model_of
