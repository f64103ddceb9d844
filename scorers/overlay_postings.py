"""The postings of one request: what was stored, as far as it may be shown here and now, and what fills it up."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from catalog.geography import KM_A_DEGREE
from catalog.index import Catalog
from schemas.decision import Decision, RankedItem, Reason
from scorers.alike import likeness, neighbours
from scorers.deeds import Ints
from scorers.filters import codes_of_filter, filter_name, matching
from scorers.limits import limits_from_json
from scorers.overrides import blocked_now
from scorers.policy import Policy
from scorers.query import RequestContext, SelectorRequest
from scorers.rules import RULES, Case, judge
from scorers.rules.case import Mask
from scorers.whereabouts import NOWHERE, whereabouts_of

COUNT_LIMIT = 100
PLACES_UP = 6.0
"""How many places a posting at the door moves up; at 15 km it is a third of that."""
NEAR_KM = 15.0
FILL_DEPTH = 240
"""How many of the newest postings are looked at when what was stored does not fill the request."""
FILL_MODELS = 8
SIMILAR_SHARE = 0.7
"""Beside a posting: how much its likeness counts against the stored opinion of the person."""
SIMILAR_TO, FILLED_FROM = "similar_to_item", "similar_to_list"
"""The reasons whose weights say what these scores were made from: SIMILAR_SHARE times the likeness, and the likeness."""
FILLED_WITHOUT = 0.5
"""What a likeness is worth where nothing was stored that it could be measured by."""
_DIGITS = 4
"""Of likenesses and scores, so that a score follows from what the log says of it."""


class Postings:
    """The postings that one request may be answered with."""

    def __init__(
        self,
        decision: Decision,
        stored: Sequence[RankedItem],
        *,
        request: SelectorRequest,
        context: RequestContext,
        catalog: Catalog,
        policy: Policy,
        now: int,
    ) -> None:
        self._decision, self._request = decision, request
        self._catalog, self._policy, self._now = catalog, policy, now
        self._limits = replace(limits_from_json(decision.limits), blocked=blocked_now(decision, policy.overrides, now))
        self._stored = stored
        self._here = whereabouts_of(context.moment)
        self._shown = None if request.item_id is None else catalog.known_rows.get(request.item_id)

    def ranked(self, wanted: int) -> list[RankedItem]:
        """Answer items, best first; no more than `wanted` are looked for, though more may come."""
        if self._shown is not None:
            return self._beside(self._shown)
        items = self._in_context(self._suiting(wanted))
        if len(items) < wanted:
            items.extend(self._filled(wanted - len(items)))
        return items

    def _suiting(self, wanted: int) -> list[RankedItem]:
        """Answer what was stored and may be shown: all of it where nearness moves it, else as much as is wanted."""
        first = len(self._stored) if self._here is not NOWHERE else wanted + wanted // 2
        items = self._allowed(self._stored[:first])
        if len(items) < wanted:
            items += self._allowed(self._stored[first:])
        return items

    def _allowed(self, items: Sequence[RankedItem]) -> list[RankedItem]:
        rows = self._rows(items)
        return [rows[row] for row in self._permitted(np.array(list(rows), np.int64)).tolist()]

    def _rows(self, items: Sequence[RankedItem]) -> dict[int, RankedItem]:
        """Answer the items that are in the catalogue by their rows, in order."""
        find = self._catalog.row
        return {row: item for item in items if (row := find(item.id)) is not None}

    def _permitted(self, rows: Ints) -> Ints:
        """Answer the rows that rules, filter, exclusions and `candidates` leave, in their order."""
        if not len(rows):
            return rows
        request = self._request
        case = Case(self._catalog, (self._limits,), np.zeros(len(rows), np.int64), rows, self._policy.rules, self._now)
        kept = judge(RULES, case)[0] < 0
        if request.filter:
            kept &= matching(rows, request.filter, self._catalog, self._now)
        if request.exclude or request.item_id is not None or request.candidates is not None:
            kept &= self._asked_for(rows)
        return rows[kept]

    def _asked_for(self, rows: Ints) -> Mask:
        """Say of each row whether the request leaves it in by its id."""
        ids, request = self._catalog.ids, self._request
        out = {*request.exclude, request.item_id}
        only = None if request.candidates is None else set(request.candidates)
        named = [ids[row] not in out and (only is None or ids[row] in only) for row in rows.tolist()]
        return np.array(named, np.bool_)

    def _in_context(self, items: list[RankedItem]) -> list[RankedItem]:
        """Move what is near up some places; what chance or a curator put somewhere stays there."""
        here = self._here
        if here.latitude is None or here.longitude is None or len(items) < 2:
            return items
        rows = [self._catalog.known_rows[item.id] for item in items]
        latitude, longitude = self._catalog.columns.latitude[rows], self._catalog.columns.longitude[rows]
        across = (longitude - here.longitude + 180) % 360 - 180
        km = (
            np.fmin.reduce(np.hypot(latitude - here.latitude, across * np.cos(np.radians(here.latitude))), axis=1)
            * KM_A_DEGREE
        )
        up = PLACES_UP * np.where(np.isnan(km), 0.0, np.exp(-km / NEAR_KM))
        fixed = {place: item for place, item in enumerate(items) if item.source in {"override", "pin", "exploration"}}
        order = np.argsort(np.arange(len(items)) - up, kind="stable").tolist()
        moving = iter([items[place] for place in order if place not in fixed])
        return [fixed[place] if place in fixed else next(moving) for place in range(len(items))]

    def _filled(self, wanted: int) -> list[RankedItem]:
        """Look up more: of the named candidates all, else what is like the best of the decision or new."""
        known = self._rows(self._stored)
        found = [row for row in self._more().tolist() if row not in known]
        rows = self._permitted(np.array(found, np.int64))
        if not len(rows):
            return []
        models = self._models()
        alike = np.round(likeness(rows, models, self._catalog), _DIGITS)
        floor = min((item.score for item in known.values()), default=FILLED_WITHOUT)
        order = np.lexsort((self._catalog.columns.tie[rows], -self._catalog.columns.posted[rows], -alike))
        chosen = order if self._request.candidates is not None else order[:wanted]
        ids = self._catalog.ids
        shares = alike.tolist()
        return [
            RankedItem(
                ids[rows[at]], round(shares[at] * floor, _DIGITS), 1.0, "fill", (Reason(FILLED_FROM, "", shares[at]),)
            )
            for at in chosen.tolist()
        ]

    def _more(self) -> Ints:
        catalog = self._catalog
        if self._request.candidates is not None:
            named = (catalog.row(job) for job in self._request.candidates)
            return np.array(list(dict.fromkeys(row for row in named if row is not None)), np.int64)
        filtered = {facet: values for name, values in self._request.filter.items() if (facet := filter_name(name))}
        lists = [
            catalog.newest_of(code, FILL_DEPTH)
            for facet, values in filtered.items()
            if facet not in {"salary_min", "posted_within_days"}
            for code in codes_of_filter(facet, values, catalog)
        ]
        newest = np.frombuffer(b"".join(lists or [catalog.newest(FILL_DEPTH)]), np.int32)
        return np.unique(np.concatenate([newest, neighbours(list(self._models()), catalog)])).astype(np.int64)

    def _models(self) -> Mapping[int, float]:
        """Answer the best of the decision with their scores: what is like them suits as well."""
        chosen = self._rows(self._stored) or self._opinions()
        return {row: item.score + 0.01 for row, item in list(chosen.items())[:FILL_MODELS]}

    def _beside(self, shown: int) -> list[RankedItem]:
        """Answer what is similar to the posting in view; whom it suits comes first among equals."""
        rows = self._permitted(
            np.unique(np.concatenate([neighbours([shown], self._catalog), self._rows_of_decision()]))
        )
        alike = np.round(likeness(rows, {shown: 1.0}, self._catalog), _DIGITS)
        known = self._opinions()
        opinion = np.array([known[row].score if row in known else 0.0 for row in rows.tolist()])
        score = SIMILAR_SHARE * alike + (1.0 - SIMILAR_SHARE) * opinion
        order = np.lexsort((self._catalog.columns.tie[rows], -np.round(score, 6))).tolist()
        ids = self._catalog.ids
        shares, scores = (SIMILAR_SHARE * alike).tolist(), score.tolist()
        return [
            RankedItem(ids[rows[at]], round(scores[at], _DIGITS), 1.0, "similar", (Reason(SIMILAR_TO, "", shares[at]),))
            for at in order[:COUNT_LIMIT]
        ]

    def _opinions(self) -> dict[int, RankedItem]:
        """Answer everything that the decision says about postings."""
        return {
            row: item
            for choice in self._decision.choices
            if choice.kind == "RECS"
            for item in choice.items
            if (row := self._catalog.row(item.id)) is not None
        }

    def _rows_of_decision(self) -> Ints:
        if self._request.candidates is not None:
            return self._more()
        return np.array(list(self._rows(self._stored)), np.int64)
