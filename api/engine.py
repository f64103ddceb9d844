"""Deciding inside this process, by the agents' pipeline: for whoever has no stored decision yet, or no profile."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from api.complaints import Complaints
from api.people import nobody
from catalog.index import Catalog
from catalog.statistics import Figures
from profiles.candidate import Candidate
from profiles.segments import SegmentRule, evaluate_all
from schemas.consent import AI_SCORING
from schemas.decision import Choice, Decision, Recall
from schemas.messages import CandidateId
from scorers.affinity import affinities
from scorers.curated import curated_decision
from scorers.models import Model, in_charge
from scorers.overlay import lay
from scorers.overrides import mark_of, overrides_on
from scorers.pipeline import decide
from scorers.policy import Policy
from scorers.query import Query, RequestContext, SelectorRequest
from scorers.responses import NO_RESPONSES, Responses
from scorers.sessions import Sessions
from scorers.shadow import shadowed
from scorers.trends import Trends

FRESH_MS = 10_000
"""How long a decision for people of whom nothing is known is served before it is made again."""
_COMMON_LIMIT = 512

NewId = Callable[[CandidateId, int], str]
"""Answers an id for a decision: candidate, now."""


@dataclass(slots=True)
class Current:
    """What decisions are made with right now; the roof swaps members when a file, a model or the trends change."""

    catalog: Catalog
    policy: Policy
    model: Model
    segments: tuple[SegmentRule, ...] = ()
    trends: Trends | None = None
    sessions: Sessions | None = None
    figures: Figures | None = None
    """Live statistics of postings; `responses` are the same by row of the catalogue."""
    responses: Responses = NO_RESPONSES
    challenger: Model | None = None
    """Scores beside `model`, for the log."""
    model_problem: str | None = None
    """Why `model` is not the one that was promoted; answers warn of it."""


class Engine:
    """Decides for one person, for a segment's typical visitor, and for everybody."""

    def __init__(self, current: Current) -> None:
        self.current = current
        self._nobody = nobody()
        self._complaints = Complaints()
        self._common: OrderedDict[tuple[object, ...], tuple[int, Decision]] = OrderedDict()

    def person(
        self, candidate: Candidate, decision_id: str, now: int, selectors: Collection[str] | None = None
    ) -> tuple[Decision, Recall]:
        """Decide for somebody whose profile was read: for the selectors of these names, None for all."""
        held = tuple(sorted(self.held(candidate, now)))
        return self._decide(Query(candidate, decision_id, held), now, selectors)

    @property
    def is_paused(self) -> bool:
        return self.current.policy.overrides.is_paused

    def is_current(self, decision: Decision, now: int) -> bool:
        """Say whether the model that decides now made it, under the overrides of now: else what was stored is decided again."""
        policy = self.current.policy
        model = in_charge(self.current.model, policy, refused=AI_SCORING in decision.refused)
        if decision.model != model.name:
            return False
        said = overrides_on(decision, policy.overrides, now)
        return decision.policy.partition("+")[2] == mark_of(said)[1:]

    def has_all(self, decision: Decision, selectors: Collection[str]) -> bool:
        """Say whether a decision has a choice for each of these selectors that there is."""
        policy = self.current.policy
        return all(decision.choice(name) is not None for name in selectors if policy.selector(name) is not None)

    def held(self, candidate: Candidate, now: int) -> Mapping[str, int | None]:
        """Answer the segments that somebody is in now, and when time alone may end that."""
        if not self.current.segments:
            return {}
        interests = affinities(candidate, self.current.catalog, now)
        verdicts = evaluate_all(self.current.segments, candidate, interests, now)
        return {key: verdict.until for key, verdict in verdicts.items() if verdict.holds}

    def interests(self, candidate: Candidate, now: int) -> Mapping[str, Mapping[str, float]]:
        """Answer what behaviour says about somebody, by dimension and value."""
        return affinities(candidate, self.current.catalog, now)

    def lay(
        self, decision: Decision, asked: SelectorRequest, context: RequestContext, now: int
    ) -> tuple[Choice | None, bool]:
        """Lay a request over a decision: what it shows, and whether more is behind it; None for no such selector."""
        current = self.current
        try:
            return lay(decision, asked, context, current.catalog, current.policy, now)
        except Exception as error:  # noqa: BLE001  # a page gets what was stored, the operator the trace
            self._complaints.tell("overlay_failed", error)
            return self._bare(decision, asked), False

    def visitor(
        self, context: RequestContext, new_id: NewId, now: int, refused: Collection[str] = ()
    ) -> tuple[Decision, Recall | None]:
        """Decide for a visitor of whom only the request is known: by the segments it makes, else as for everybody who refused the same.

        What recalls the evidence comes with a decision that was just made, not with one made moments ago. Never fails: when
        the pipeline does, a plain list of what is new speaks.
        """
        try:
            return self._common_to(context, new_id, now, frozenset(refused))
        except Exception as error:  # noqa: BLE001  # the lower rung answers, and the line says why
            self._complaints.tell("pipeline_failed", error)
            return replace(self.curated(new_id(self._nobody.id, now), now), refused=tuple(sorted(refused))), None

    def curated(self, decision_id: str, now: int) -> Decision:
        """Answer what needs no opinion: a curator's order of the content, and the newest open postings."""
        return curated_decision(
            decision_id, self._nobody.id, catalog=self.current.catalog, policy=self.current.policy, now=now
        )

    def _common_to(
        self, context: RequestContext, new_id: NewId, now: int, refused: frozenset[str]
    ) -> tuple[Decision, Recall | None]:
        candidate = replace(self._nobody, session=replace(self._nobody.session, moment=context.moment))
        held = tuple(sorted(self.held(candidate, now)))
        moment, policy = context.moment, self.current.policy
        said = policy.overrides.of(candidate.id, candidate.version, held, now)
        alike = (
            in_charge(self.current.model, policy).name,
            refused,
            mark_of(said),
            held,
            moment.country,
            moment.region,
            moment.locality,
            moment.device,
        )
        kept = self._common.get(alike)
        if kept is not None and 0 <= now - kept[0] < FRESH_MS:
            return kept[1], None
        nobody = replace(self._nobody, consents=dict.fromkeys(refused, False)) if refused else self._nobody
        query = Query(nobody, new_id(self._nobody.id, now), held, context)
        decision, recall = self._decide(query, now)
        decision = replace(decision, rung="segment" if held else "site")
        self._common[alike] = (now, decision)
        while len(self._common) > _COMMON_LIMIT:
            self._common.popitem(last=False)
        return decision, recall

    def _decide(self, query: Query, now: int, selectors: Collection[str] | None = None) -> tuple[Decision, Recall]:
        current = self.current
        current.catalog.advance(now)
        ((decision, recall),) = decide(
            [query],
            catalog=current.catalog,
            policy=current.policy,
            model=current.model,
            trends=current.trends or Trends(),
            now=now,
            sessions=current.sessions,
            responses=current.responses,
            selectors=selectors,
        )
        challenger = current.challenger
        return decision, lambda: shadowed(recall(), challenger)

    def _bare(self, decision: Decision, asked: SelectorRequest) -> Choice | None:
        """Answer what was stored and is still there; nothing where a filter could not be asked."""
        selector, choice = self.current.policy.selector(asked.name), decision.choice(asked.name)
        if selector is None:
            return None
        catalog = self.current.catalog
        here = catalog.__contains__ if selector.kind == "RECS" else catalog.contents.items.__contains__
        stored = () if choice is None or asked.filter else choice.items
        only = None if asked.candidates is None else set(asked.candidates)
        kept = [
            item
            for item in stored
            if here(item.id) and item.id not in asked.exclude and (only is None or item.id in only)
        ]
        return Choice(selector.name, selector.kind, tuple(kept[: asked.count or selector.count]))
