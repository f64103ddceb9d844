"""What the employer's side brings: the same trained heads, joined in several ways, for people who were not there before.

Each way is a site that lives on with what its own lists brought about. Beside the standard one, lists are made in every way for the same
people with the same histories and weighed, though nobody sees them: that tells what a way does to a list, and little is left to chance.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.simulation.house import House
from benchmarks.simulation.people import Person
from benchmarks.simulation.site import Call, Shown
from benchmarks.simulation.study import Size, again, exposure, world
from benchmarks.simulation.visits import Tally, Visits, World, tallied
from schemas.jobs import Job
from schemas.trained import decode_model
from scorers.models import BoostedModel, PriorModel
from scorers.policy import Policy
from scorers.trained import usable_model

STANDARD = "fit 0.4 within pay"
JOINS: Mapping[str, Policy] = {
    "interest alone": Policy(fit_share=0.0),
    "fit 0.4": Policy(fit_share=0.4, fit_within_pay=False),
    STANDARD: Policy(fit_share=0.4, fit_within_pay=True),
}
"""Ways to join both sides, by their names in the report."""
MARKETS = 4
"""Of a seed; each has people of its own."""


def employers(
    seed: int, heads: tuple[str, str] | None, size: Size, *, on_step: Callable[[str], None] = lambda _: None
) -> Mapping[str, Mapping[str, Any]]:
    """Answer sums over the markets by way of joining: `lived` of its own site, `beside` of the lists made beside the standard site's.

    To every site the same people come on the same days and draw the same numbers. `heads` are the name and record of the model
    (`study.heads_of`), None for the prior.
    """
    model = PriorModel() if heads is None else usable_model(decode_model(heads[0], b64decode(heads[1])))
    grounds = [world(seed + 200_000 * number, size, days=size.after) for number in range(1, MARKETS + 1)]
    lived: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    for name in JOINS:
        sites = [_Joined(name, model, ground, size) for ground in grounds]
        lived[name] = _told([tally for site in sites for tally in site.run(size.after)])
        beside |= {each: _told([site.weighed[each] for site in sites]) for each in sites[0].weighed}
        on_step(name)
    return {"lived": lived, "beside": beside}


class _Joined:
    """A site that joins the heads in one way; where that is the standard, lists made in every way are weighed beside those it shows."""

    def __init__(self, name: str, model: PriorModel | BoostedModel, ground: World, size: Size) -> None:
        self.weighed = {each: Tally() for each in JOINS if name == STANDARD}
        self._name, self._model = name, model
        self._house = House(policy=JOINS[name], logs=False)
        self._visits = Visits(again(ground, size, days=size.after), self, by_posting=True)

    def run(self, days: int) -> Sequence[Tally]:
        self._visits.run(days)
        return self._visits.tallies

    def arrive(self, jobs: Sequence[Job], now: int) -> None:
        self._house.arrive(jobs, now)

    def collect(self, calls: Sequence[Call], now: int) -> None:
        self._house.collect(calls, now)

    def lists(self, people: Sequence[Person], now: int) -> Sequence[Shown]:
        for name, tally in self.weighed.items():
            for person, shown in zip(people, self._made(name, people, now), strict=True):
                self._visits.foresee(tally, person, shown, now)
        return self._made(self._name, people, now)

    def _made(self, name: str, people: Sequence[Person], now: int) -> Sequence[Shown]:
        policy = JOINS[name]
        self._house.policy, self._house.model = policy, replace(self._model, fit_share=policy.fit_share)
        return self._house.lists(people, now)


def _told(tallies: Sequence[Tally]) -> Mapping[str, Any]:
    return {**tallied(tallies), "exposure": exposure(tallies)}
