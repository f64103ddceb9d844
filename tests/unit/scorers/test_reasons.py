"""Reasons in words."""

import pytest

from schemas.decision import Reason
from scorers.features import FEATURE_NAMES
from scorers.prior import PRIOR
from scorers.reasons import CODES, REASON_OF, explain

EVERY = (
    *CODES, "popular", "editorial", "exploration", "must_have_unconfirmed", "similar_to_item", "segment", "application_stage",
    "trending_in_segment",
)  # fmt: skip


@pytest.mark.parametrize("code", EVERY)
@pytest.mark.parametrize("detail", ["", "Night Nurse"])
def test_every_code_has_a_sentence_without_gaps(code: str, detail: str):
    sentence = explain(Reason(code, detail))

    assert sentence[0].isupper()
    assert "{" not in sentence
    assert "_" not in sentence
    assert not sentence.endswith(" ")


def test_codes_of_the_trade_are_told_in_plain_words():
    assert explain(Reason("stated_preference", "FULL_TIME")) == "You asked for full time"


def test_a_code_from_another_version_is_told_as_it_is():
    assert explain(Reason("lucky_number", "")) == "Lucky number"


def test_every_feature_has_a_weight_and_every_reason_a_feature():
    assert tuple(PRIOR) == FEATURE_NAMES
    assert set(REASON_OF) <= set(FEATURE_NAMES)
    assert all(PRIOR[name].fit + PRIOR[name].interest > 0 for name in REASON_OF)
