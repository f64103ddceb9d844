"""The hidden rules: what makes people open a posting and apply, and employers invite. A simulation: written down here, measured nowhere.

**Click rule.** A person looks at place k of a list (1 is first) with probability `k ** -0.6`, whatever stands there. What is looked at is
opened with probability `sigmoid(BASE + appeal)`, and by mistake in one of 250 cases. What was opened before is opened again a quarter as
often, what was applied for never. Appeal, in logits, is the sum of

- 3.2 times the nearness of the occupations (1 the same, .6 to .3 by O*NET's tiers, .2 the same minor group), raised to 1 - breadth / 2,
- commuting: -0.03 a km up to the person's limit, -2 for each half of the limit beyond, at most -4; half for hybrid, none for remote work,
- pay: -1 for each tenth below the floor, at most -4; +0.5 at twice the floor,
- +0.6 for home office to who wants it, else -0.3 where it is wanted and not offered; -1.5 for another schedule,
- -0.7 for each level apart, +0.8 for posted today, halved every 4 days,
- and a taste of this person for this posting that nothing explains: normal, deviation 0.7.

**Application.** What was opened is applied for with probability `0.3 * sigmoid(appeal - 2.5)`, at most at six a week.

**Employer's rule.** An application is invited with probability `sigmoid(-3.2 + 2.2 nearness + 2.4 share of skills + 0.4 level - 1.2 below
- 0.3 above - 5 without a must-have + normal(0, 0.5))`; an interview leads to an offer in 45 % of the cases, and an offer is accepted with
probability `sigmoid(appeal - 1)`.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.simulation.market import DAY, Floats, Market
from benchmarks.simulation.occupations import Occupations
from benchmarks.simulation.people import Wish

SHOWN = 10
EXAMINED: Floats = np.arange(1, SHOWN + 1, dtype=np.float64) ** np.float64(-0.6)
"""By place: the probability that it is looked at."""
BASE = -2.6
MISTAKE = 0.004
AGAIN = 0.25
MOOD = 0.5
"""The deviation of an employer's mood."""
OFFERED = 0.45
"""The share of interviews that lead to an offer."""
KM_A_DEGREE = 111.2
_MOODS, _WEIGHTS = np.polynomial.hermite_e.hermegauss(16)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so of one person and every posting, by posting. `taste` and `mood` never change, whatever happens to the wish."""

    appeal: Floats
    """In logits, without newness."""
    invited: Floats
    """The probability that the employer invites."""
    inviting: Floats
    """The same before the employer's mood is drawn: its mean over all moods, by Gauss-Hermite quadrature."""

    def opened(self, market: Market, now: int) -> Floats:
        """Answer by posting the probability that it is opened when looked at."""
        age = np.maximum(now - market.posted, 0) / DAY
        return sigmoid(BASE + self.appeal + 0.8 * np.exp2(-age / 4.0)) + MISTAKE

    def applied(self) -> Floats:
        """Answer by posting the probability that somebody who opened it applies."""
        return 0.3 * sigmoid(self.appeal - 2.5)

    def accepted(self) -> Floats:
        return sigmoid(self.appeal - 1.0)


def truth(number: int, wish: Wish, market: Market, known: Occupations, seed: int) -> Truth:
    """Work out what is so of the person of this number while they wish so."""
    chance = np.random.default_rng([seed, 5, number])
    taste, mood = chance.normal(0, 0.7, len(market)), chance.normal(0, MOOD, len(market))
    nearness = {code: known.nearness(wish.occupation, code) for code in known.by_code}
    near = np.array([nearness[code] for code in market.occupation])
    apart = market.level - wish.level
    appeal = (
        3.2 * near ** (1 - wish.breadth / 2)
        + _commute(wish, market)
        + _pay(wish, market)
        + _terms(wish, market)
        - 0.7 * np.abs(apart)
        + taste
    )
    asked = market.asks.sum(axis=1)
    known_to = market.asks @ np.array([name in wish.skills for name in market.skill_names], np.float64)
    has = np.where(asked > 0, known_to / np.maximum(asked, 1), 0.5)
    lacks = np.array([bool(needed - wish.credentials) for needed in market.must_haves])
    suits = (
        -3.2
        + 2.2 * near
        + 2.4 * has
        + 0.4 * (apart == 0)
        - 1.2 * np.maximum(apart, 0)
        - 0.3 * np.maximum(-apart, 0)
        - 5.0 * lacks
    )
    return Truth(appeal, sigmoid(suits + mood), over_moods(suits))


def over_moods(suits: Floats) -> Floats:
    """Answer the mean of `sigmoid(suits + normal(0, MOOD))`."""
    mean: Floats = _WEIGHTS @ sigmoid(suits + MOOD * _MOODS[:, None]) / _WEIGHTS.sum()
    return mean


def sigmoid(logits: Floats) -> Floats:
    chances: Floats = 1.0 / (1.0 + np.exp(-logits))
    return chances


def _commute(wish: Wish, market: Market) -> Floats:
    latitude, longitude = wish.home
    up = market.latitude - latitude
    across = (market.longitude - longitude) * np.cos(np.radians(latitude))
    km = np.hypot(up, across) * KM_A_DEGREE
    limit = wish.limit_km
    strain = -0.03 * np.minimum(km, limit) - np.minimum(2.0 * np.maximum(km - limit, 0) / (limit / 2), 4.0)
    eased: Floats = np.where(market.remote, 0.0, np.where(market.hybrid, 0.5 * strain, strain))
    return eased


def _pay(wish: Wish, market: Market) -> Floats:
    ratio = np.where(np.isnan(market.pay), 1.0, market.pay / wish.floor)
    below, above = np.maximum(1 - ratio, 0), np.clip(ratio - 1, 0, 1)
    worth: Floats = 0.5 * above - np.minimum(10.0 * below, 4.0)
    return worth


def _terms(wish: Wish, market: Market) -> Floats:
    at_home = market.remote | market.hybrid
    wanted = np.where(at_home, 0.6, -0.3) if wish.wants_home_office else np.zeros(len(market))
    return np.asarray(wanted - 1.5 * (market.part_time != wish.part_time))
