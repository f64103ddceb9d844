"""From a record to a model that may decide: made for these features, for no protected attribute, and answering as it did when trained."""

import numpy as np

from schemas.denylist import denied_features
from schemas.trained import HeadRecord, TrainedModel
from scorers.features import FEATURE_NAMES
from scorers.models import BoostedModel, Head, Matrix
from scorers.trees import UnreadableTrees, load_trees

TOLERANCE = 1e-9


class UnusableModel(ValueError):
    """A model that may not decide here; the message says why."""


def usable_model(record: TrainedModel) -> BoostedModel:
    """Answer the model of a record, or raise UnusableModel: a wrong model is found before anybody is decided for."""
    if record.features != FEATURE_NAMES:
        odd = sorted(set(record.features) ^ set(FEATURE_NAMES)) or ["in another order"]
        raise UnusableModel(f"{record.name} was made for other features than this version has: {', '.join(odd)}")
    denied = denied_features(record.features)
    if denied:
        raise UnusableModel(f"{record.name} looks at what no model may look at: {', '.join(denied)}")
    model = unchecked_model(record)
    _check_answers(model, record)
    return model


def unchecked_model(record: TrainedModel) -> BoostedModel:
    """Answer the model of a record as it is, for who trains or judges it; UnusableModel when its trees cannot be read."""
    try:
        return BoostedModel(record.name, record.features, _head(record.fit), _head(record.interest), record.fit_share)
    except UnreadableTrees as error:
        raise UnusableModel(f"{record.name}: {error}") from error


def rows_of(rows: bytes, features: int) -> Matrix:
    """Answer the matrix that lies in a record: float32 little endian, row by row."""
    return np.frombuffer(rows, "<f4").reshape(-1, features)


def _head(record: HeadRecord) -> Head:
    features = len(record.weights)
    trees = load_trees(record.trees, features) if record.trees else None
    return Head(record.weights, record.intercept, record.scale, trees)


def _check_answers(model: BoostedModel, record: TrainedModel) -> None:
    joined = model.score(rows_of(record.probe.rows, len(record.features)), record.features).joined
    off = float(np.max(np.abs(joined - np.array(record.probe.joined)), initial=0.0))
    if not off <= TOLERANCE:
        raise UnusableModel(f"{record.name} answers otherwise than when it was trained, by {off:.3g}")
