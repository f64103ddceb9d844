"""The prior's name stands for its weights: by it a logged decision is scored again."""

import hashlib

import orjson

from schemas.trained import PRIOR as NAMED_IN_LOGS
from scorers.models import PriorModel
from scorers.prior import FIT_INTERCEPT, INTEREST_INTERCEPT, PRIOR

KNOWN = {"prior-2": "573cb82f5eb76d54"}


def test_a_prior_of_other_weights_has_another_name():
    weights = [FIT_INTERCEPT, INTEREST_INTERCEPT, {name: list(both) for name, both in PRIOR.items()}]
    digest = hashlib.sha256(orjson.dumps(weights)).hexdigest()[:16]

    assert {PriorModel().name: digest} == KNOWN, (
        "its weights changed: give the prior the next number, and write the digest down here"
    )
    assert PriorModel().name == NAMED_IN_LOGS
