"""A trained model as it lies on the models topic, and the standing that says which model decides."""

import gzip
import hashlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

STANDING = "standing"
"""The key of the record that says which model decides; every other key on the topic is a model's name."""
PRIOR = "prior-2"
"""The documented prior: it needs no record, and is what remains when everything else fails. Another name for other weights: what an
earlier prior decided cannot be scored again by this one."""
HISTORY_LIMIT = 50


class MalformedModel(ValueError):
    """A record that is no model, or not the one that its name promises."""


@dataclass(frozen=True, slots=True)
class HeadRecord:
    """One side's opinion in logits: a weight for each feature, an intercept, and `scale` times what the trees add.

    `trees` is LightGBM's text form, empty where a line says all that the outcomes could tell.
    """

    weights: tuple[float, ...]
    intercept: float
    scale: float = 1.0
    trees: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """Rows (float32, little endian) and the joined logits that whoever loads the model must get for them."""

    rows: bytes
    joined: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """Two heads over named features, how they are joined, what they must answer, and where they come from.

    `reference` is what features and scores looked like when it was trained, for drift; `card` is the model card.
    """

    features: tuple[str, ...]
    fit: HeadRecord
    interest: HeadRecord
    fit_share: float
    probe: Probe
    trained_at: int
    reference: Mapping[str, Any] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Answer a name made of what the model is: one that was changed on its way has another."""
        content = orjson.dumps([self.features, asdict(self.fit), asdict(self.interest), self.fit_share])
        return f"model-{self.trained_at:012x}-{hashlib.sha256(content).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Promotion:
    """When which model began to decide, by whose word and why."""

    champion: str
    at: int
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Which model decides, which one only scores beside it, and what decided before, newest first."""

    champion: str = PRIOR
    challenger: str | None = None
    history: tuple[Promotion, ...] = ()

    def promoted(self, promotion: Promotion) -> "Standing":
        """Answer the standing after a promotion; a challenger that was promoted is none any more."""
        challenger = None if self.challenger == promotion.champion else self.challenger
        return Standing(promotion.champion, challenger, (promotion, *self.history)[:HISTORY_LIMIT])

    def challenged(self, challenger: str | None) -> "Standing":
        return replace(self, challenger=challenger)

    @property
    def earlier(self) -> tuple[str, ...]:
        """Answer what decided before the champion, newest first, each once; the prior stands last."""
        before = [promotion.champion for promotion in self.history[1:]]
        return tuple(dict.fromkeys([name for name in (*before, PRIOR) if name != self.champion]))


def encode_model(model: TrainedModel) -> bytes:
    """Answer the compressed JSON of a model."""
    body = {
        "features": model.features,
        "fit": asdict(model.fit),
        "interest": asdict(model.interest),
        "fitShare": model.fit_share,
        "probe": {"rows": b64encode(model.probe.rows).decode("ascii"), "joined": model.probe.joined},
        "trainedAt": model.trained_at,
        "reference": dict(model.reference),
        "card": dict(model.card),
    }
    return gzip.compress(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), mtime=0)


def decode_model(name: str, value: bytes) -> TrainedModel:
    """Answer the model of a record; MalformedModel when it is damaged or is not the one of this name."""
    try:
        body: dict[str, Any] = orjson.loads(gzip.decompress(value))
        model = TrainedModel(
            features=tuple(body["features"]),
            fit=_head(body["fit"]),
            interest=_head(body["interest"]),
            fit_share=float(body["fitShare"]),
            probe=Probe(b64decode(body["probe"]["rows"]), tuple(body["probe"]["joined"])),
            trained_at=int(body["trainedAt"]),
            reference=body["reference"],
            card=body["card"],
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise MalformedModel(f"{name} is damaged: {type(error).__name__}") from error
    if model.name != name:
        raise MalformedModel(f"the record of {name} holds {model.name}")
    return model


def encode_standing(standing: Standing) -> bytes:
    return orjson.dumps(standing)


def decode_standing(value: bytes) -> Standing:
    """Answer the standing of a record; MalformedModel when it is none."""
    try:
        body: dict[str, Any] = orjson.loads(value)
        history = tuple(Promotion(**promotion) for promotion in body["history"])
        return Standing(str(body["champion"]), body["challenger"], history)
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedModel(f"the standing is damaged: {type(error).__name__}") from error


def _head(body: dict[str, Any]) -> HeadRecord:
    return HeadRecord(tuple(body["weights"]), float(body["intercept"]), float(body["scale"]), str(body["trees"]))
