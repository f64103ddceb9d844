"""`careerstream audit recompute`: the decision log scored again, by the models and overrides of its time."""

from dataclasses import dataclass, field, replace

from careerstream.audit import decisions
from careerstream.models.registry import Registry
from careerstream.models.topic import read_registry
from careerstream.overriding import read_overrides
from careerstream.parts import read_configuration, topic_names
from careerstream.settings import Settings
from schemas.logged import decode_logged
from schemas.trained import PRIOR, MalformedModel
from scorers.models import Model, PriorModel
from scorers.overrides import Overrides
from scorers.recompute import difference
from scorers.trained import UnusableModel, usable_model


@dataclass(slots=True)
class Recomputed:
    """How many decisions score as logged, and which differ, each with its id and why."""

    equal: int = 0
    without_evidence: int = 0
    differing: list[tuple[str, str]] = field(default_factory=list)


async def recompute_log(settings: Settings, bootstrap: str, since: int | None = None) -> Recomputed:
    """Score everything that lies in the log again; may raise KafkaError."""
    names, kafka = topic_names(settings), settings.kafka.client_options(bootstrap)
    registry = await read_registry(kafka, names)
    overrides = Overrides(tuple((await read_overrides(kafka, names)).records()))
    models: dict[str, Model | None] = {}
    share, found = read_configuration(settings).policy.fit_share, Recomputed()
    async for value in decisions(kafka, names, since):
        logged = decode_logged(value)
        if logged is None or not logged.decision.model:
            continue
        if logged.evidence is None:
            found.without_evidence += 1
            continue
        name = logged.decision.model
        model = models[name] if name in models else models.setdefault(name, _model(registry, name, share))
        problem = f"there is no model {name} any more" if model is None else difference(logged, model, overrides)
        if problem is None:
            found.equal += 1
        else:
            found.differing.append((logged.decision.id, problem))
    return found


def _model(registry: Registry, name: str, fit_share: float) -> Model | None:
    if name == PRIOR:
        return PriorModel(fit_share)
    try:
        return replace(usable_model(registry.model(name)), fit_share=fit_share)
    except (MalformedModel, UnusableModel):
        return None
