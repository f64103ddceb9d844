"""One retraining as `careerstream train` and `promote` do it: join, train, assess, gate. Without the clock."""

from dataclasses import dataclass, replace
from datetime import timedelta

from benchmarks.simulation.house import House
from learning.assessing import Assessment, Question, assess
from learning.examples import Windows, join
from learning.gate import LIMITS_MS, verdict
from learning.groups import Labels
from learning.training import TooLittle, train
from scorers.models import PriorModel
from scorers.trained import usable_model

WINDOWS = Windows(response=timedelta(days=1), interview=timedelta(days=14))


@dataclass(frozen=True, slots=True)
class Retraining:
    """What came of one: `gain` is the judged nDCG@10 against the incumbent; objections say why it was not promoted."""

    promoted: bool
    objections: tuple[str, ...]
    gain: tuple[float, float, float]
    lists: int


def retrain(house: House, labels: Labels, now: int, *, despite: bool = False) -> Retraining:
    """Train on the house's whole log, and let the model decide if the gate lets it, or `despite`.

    The gate's limit on speed is left out: time is not of this simulation (benchmarks/RESULTS.md measures it).
    """
    joined = join(house.log, WINDOWS)
    share = house.policy.fit_share
    try:
        training = train(joined, fit_share=share, trained_at=now)
    except TooLittle as problem:
        return Retraining(False, (str(problem),), (0.0, 0.0, 0.0), 0)
    model = usable_model(training.model)
    asked = Question(
        model=model,
        incumbent=house.model,
        prior=PriorModel(share),
        test_from=training.split.test_from,
        places=training.interest.places,
        labels=labels,
    )
    assessment = assess(house.log, joined, asked)
    objections = _objections(assessment)
    if despite or not objections:
        house.model, house.record = replace(model, fit_share=share), training.model
    gain = assessment.judgement.gain
    return Retraining(
        despite or not objections, objections, (gain.value, gain.low, gain.high), assessment.judgement.lists
    )


def _objections(assessment: Assessment) -> tuple[str, ...]:
    at_once = dict.fromkeys(LIMITS_MS, 0.0)
    return verdict(assessment.judgement, assessment.groups, at_once, assessment.proxies).objections
