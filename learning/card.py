"""The model card: what a model is for, what it learned from, how well it does and for whom, and what is not known."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np

from learning.assessing import Assessment
from learning.examples import Joined
from learning.heads import TrainedHead
from learning.metrics import Figure
from learning.training import Training
from scorers.features import FEATURE_NAMES
from scorers.models import Model

PURPOSE = "Orders postings for a candidate on a careers site; two opinions, would the employer interview and would the candidate respond."
NOT_FOR = "Not for ranking, rejecting or scoring candidates, nor for any decision about a person's application."
LIMITS = (
    "Learns from lists that were served: what was never shown is judged by its features alone.",
    "A response is a click, a save or an application, not satisfaction in the job.",
    "Whoever did not grant research is in none of the figures.",
)


def card_of(training: Training, joined: Joined, assessment: Assessment, *, by: str) -> dict[str, Any]:
    """Answer the card as JSON; promotion refuses a model without one."""
    examples, split = joined.examples, training.split
    return {
        "purpose": PURPOSE,
        "notFor": NOT_FOR,
        "trainedBy": by,
        "trainedAt": moment(training.model.trained_at),
        "data": {
            "from": moment(int(examples.at.min())),
            "until": moment(joined.as_of),
            "testedFrom": moment(split.test_from),
            "testFrom": split.test_from,
            "lists": len(examples.lists),
            "exposures": joined.exposures,
            "withoutEvidence": joined.without_evidence,
            "withoutConsent": joined.happened.without_consent,
            "listsWithoutGrant": joined.ungranted,
            "unreadable": joined.happened.refused,
            "onScreenReported": joined.reported,
            "responseWindowHours": examples.windows.response.total_seconds() / 3600,
            "interviewWindowDays": examples.windows.interview.total_seconds() / 86_400,
            "basis": "people whose newest answer grants research (docs/privacy.md)",
        },
        "heads": {"fit": _head(training.fit), "interest": _head(training.interest)},
        "places": list(training.interest.places),
        "features": list(FEATURE_NAMES),
        **measured(assessment),
        "limits": list(LIMITS),
    }


def measured(assessment: Assessment) -> dict[str, Any]:
    """Answer the part of a card that an assessment measures anew."""
    judgement = assessment.judgement
    return {
        "incumbent": assessment.incumbent,
        "ranking": {
            name: {figure: told(value) for figure, value in figures.items()}
            for name, figures in judgement.ranking.items()
        },
        "gain": told(judgement.gain),
        "lists": judgement.lists,
        "people": judgement.people,
        "sides": {"interest": asdict(judgement.interest), "fit": asdict(judgement.fit)},
        "breadth": {name: asdict(value) for name, value in assessment.breadths.items()},
        "offPolicy": {name: asdict(value) for name, value in assessment.off_policy.items()},
        "segments": {
            name: {"lists": lists, "ndcg": told(ndcg), "gain": told(gain)}
            for name, (lists, ndcg, gain) in judgement.segments.items()
        },
        "shadowing": None if assessment.shadowing is None else asdict(assessment.shadowing),
        "groups": None if assessment.groups is None else [asdict(group) for group in assessment.groups],
        "proxies": [asdict(proxy) for proxy in assessment.proxies],
        "speedMs": {str(rows): value for rows, value in assessment.speed_ms.items()},
        "skew": assessment.skew,
        "objections": list(assessment.verdict.objections),
    }


def importance(model: Model, joined: Joined, limit: int = 2_000) -> Mapping[str, float]:
    """Answer the mean size of each feature's contribution to the joined logit."""
    rows = np.ascontiguousarray(joined.examples.matrix[-limit:])
    sizes = np.abs(model.contributions(rows, FEATURE_NAMES))[:, :-1].mean(axis=0)
    return dict(zip(FEATURE_NAMES, sizes.tolist(), strict=True))


def moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def told(figure: Figure) -> list[float]:
    return [figure.value, figure.low, figure.high]


def _head(head: TrainedHead) -> dict[str, Any]:
    return {
        "trained": head.setting is not None,
        "setting": None if head.setting is None else asdict(head.setting),
        "trees": head.trees,
        "logLoss": head.loss,
        "priorLogLoss": head.prior_loss,
    }
