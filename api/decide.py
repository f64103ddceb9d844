"""One call of `POST /v1/decide`: whom for, which decision, the request laid over it, the answer and its record."""

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import orjson

from api.after import Position, positions_of
from api.callers import Caller
from api.choices import Answer, Laid, choice_id, logged_choice, source_of
from api.cloudevents import rfc3339
from api.decider import Asked, Decider, Found
from api.decision_log import DecisionLog
from api.engine import Engine
from api.metrics import DecideStage, Metrics
from api.postings import Postings
from api.served import ServedChoices
from schemas.collecting import identifier
from schemas.consent import AI_SCORING, PERSONALIZATION, consent_in_force, refused_in
from schemas.deciding import DecideRequest, Selector
from schemas.events import moment_of
from schemas.messages import CandidateId, MalformedMessage
from schemas.privacy import Privacy
from scorers.query import RequestContext, SelectorRequest

DEFAULT_BUDGET_MS = 30


@dataclass(frozen=True, slots=True)
class Reply:
    """The bytes of an answer and where its time went."""

    body: bytes
    seconds: Mapping[DecideStage, float]
    rung: str
    candidate: CandidateId | None
    shown: tuple["Shown", ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What one choice holds."""

    id: str
    kind: str
    items: tuple[str, ...]


@dataclass(slots=True)
class Sight:
    """What a caller may see of a user."""

    candidate: CandidateId | None
    own_only: bool
    warnings: list[dict[str, str]] = field(default_factory=list)

    def warn(self, code: str, message: str) -> None:
        self.warnings.append({"code": code, "message": message})


@dataclass(frozen=True, slots=True)
class _Call:
    """One call; `contextual` says that nothing about the person may be used or kept, `asked` that they said yes."""

    request: DecideRequest
    caller: Caller
    sight: Sight
    context: RequestContext
    now: int
    contextual: bool
    asked: bool = True


class Decisions:
    """Answers decide calls."""

    def __init__(
        self,
        *,
        decider: Decider,
        engine: Engine,
        postings: Postings,
        log: DecisionLog,
        served: ServedChoices,
        metrics: Metrics,
        clock: Callable[[], int],
        budget_ms: int = DEFAULT_BUDGET_MS,
        privacy: Privacy,
    ) -> None:
        self._decider = decider
        self._engine = engine
        self._postings = postings
        self._log = log
        self._served = served
        self._metrics = metrics
        self._clock = clock
        self._budget_ms = budget_ms
        self._privacy = privacy

    async def answer(self, request: DecideRequest, caller: Caller, *, gpc: bool) -> Reply:
        """Answer a call; whatever is away, some rung speaks."""
        context = RequestContext(moment_of(request.context), _page_type(request.context))
        default, vendor = self._privacy.default(caller.source), self._privacy.vendor
        consent = consent_in_force(request.context, gpc=gpc, default=default, vendor=vendor) or {}
        contextual = consent.get(PERSONALIZATION) is False
        sight = sight_of(request, caller, contextual=contextual)
        call = _Call(request, caller, sight, context, self._clock(), contextual, consent.get(PERSONALIZATION, False))
        after = self._after(request, sight)
        budget = (request.options.budget_ms or self._budget_ms) / 1000
        started = time.perf_counter()
        names = frozenset(selector.name for selector in request.selectors)
        refused = frozenset(refused_in(consent))
        asked = Asked(sight.candidate, sight.own_only, context, budget, after, names, refused)
        found = await self._decider.find(asked, call.now)
        if self._engine.current.model_problem is not None:
            sight.warn("model_fallback", "the promoted model cannot be used; each choice says which model decided")
        if self._engine.is_paused:
            sight.warn("model_paused", "colleagues have paused the model; the prior decides until they resume it")
        if AI_SCORING in found.decision.refused:
            sight.warn(
                "model_refused", "the person said no to ai_scoring; the prior decides, and nothing that was learned"
            )
        if not found.awaited:
            sight.warn("after_not_reached", "the awaited event was not in the profile within the budget")
        return self._reply(call, found, started)

    def _after(self, request: DecideRequest, sight: Sight) -> tuple[Position, ...]:
        if not request.after:
            return ()
        positions = positions_of(request.after)
        if positions is None:
            sight.warn("unknown_after", "after is no token of ours and was not waited for")
        return positions or ()

    def _reply(self, call: _Call, found: Found, started: float) -> Reply:
        call_id = self._log.new_id(_concerned(call, found), call.now)
        laid = list(self._lay(call, found, call_id))
        scored = time.perf_counter()
        choices = self._choices(call, found, laid)
        request_id = call.request.request_id or uuid.uuid4().hex
        body = {
            "requestId": request_id,
            "decidedAt": rfc3339(call.now),
            "madeAt": rfc3339(found.decision.decided_at),
            "ageMs": max(0, call.now - found.decision.decided_at),
            "profile": _profile(found, call.sight),
            "choices": choices,
            "warnings": call.sight.warnings,
        }
        encoded = orjson.dumps(body)
        # Of somebody who was not asked nothing is kept, unless something is held: then they agreed before.
        kept = not (call.contextual or found.withheld) and (call.asked or found.known)
        if kept:
            self._served.remember(_concerned(call, found), laid)
        tell = partial(self._tell, call, found, laid if kept else [], {"id": call_id, "request": request_id})
        # What is told takes as long to work out as the answer: the page has its answer first.
        asyncio.get_running_loop().call_soon(tell, self._engine.is_paused)
        read = found.profile_ms / 1000
        seconds = self._timed(profile=read, score=scored - started - read, answer=time.perf_counter() - scored)
        self._count(choices, found)
        shown = _shown(laid) if call.request.options.implicit_impression else ()
        return Reply(encoded, seconds, found.rung, None if found.withheld else call.sight.candidate, shown)

    def _tell(self, call: _Call, found: Found, laid: list[Laid], ids: Mapping[str, str], paused: bool) -> None:  # noqa: FBT001  # called by the loop
        """Tell the log what was served, and what it was made from."""
        if laid:
            self._log.put(_concerned(call, found), call.now, {**ids, **_record(call, found, laid, paused=paused)})
        if found.recall is not None:
            self._log.put_base(found.decision, found.recall)

    def _timed(self, *, profile: float, score: float, answer: float) -> Mapping[DecideStage, float]:
        seconds: dict[DecideStage, float] = {"profile": profile, "score": score, "answer": answer}
        for stage, spent in seconds.items():
            self._metrics.deciding[stage].observe(spent)
        return seconds

    def _lay(self, call: _Call, found: Found, call_id: str) -> Iterator[Laid]:
        decision, person = found.decision, call.sight.candidate
        if person is not None and not found.known:
            # Nobody knows this person yet, but a colleague may have blocked something for them.
            decision = replace(decision, candidate_id=person)
        for index, selector in enumerate(call.request.selectors):
            asked = _asked(selector)
            choice, more = self._engine.lay(decision, asked, call.context, call.now)
            following = asked.offset + len(choice.items) if choice is not None and more else None
            yield Laid(selector, choice_id(call_id, index), choice, following)

    def _choices(self, call: _Call, found: Found, laid: list[Laid]) -> list[dict[str, Any]]:
        answer = Answer(
            found,
            catalog=self._engine.current.catalog,
            postings=self._postings,
            contextual=call.contextual,
            paused=self._engine.is_paused,
            explain=call.request.options.explain,
        )
        return [answer.body(each) for each in laid]

    def _count(self, choices: list[dict[str, Any]], found: Found) -> None:
        for choice in choices:
            self._metrics.choices(found.rung, choice.get("source", "none")).inc()
        if found.degraded:
            self._metrics.degraded.inc()


def _concerned(call: _Call, found: Found) -> CandidateId:
    return call.sight.candidate or found.decision.candidate_id


def _record(call: _Call, found: Found, laid: list[Laid], *, paused: bool) -> dict[str, Any]:
    """Answer what is logged of a served decision; `base` is the id of the decision that it was made from."""
    decision = found.decision
    return {
        "kind": "served",
        "base": decision.id,
        "candidate": call.sight.candidate or decision.candidate_id,
        "at": call.now,
        "source": call.caller.source,
        "rung": found.rung,
        "degraded": found.degraded,
        "version": dict(decision.version),
        "segments": decision.segments,
        "model": decision.model,
        "policy": decision.policy,
        "catalogue": decision.catalogue,
        "choices": [
            logged_choice(each, each.choice, source_of(each.choice.kind, found, contextual=False, paused=paused))
            for each in laid
            if each.choice is not None
        ],
    }


def _shown(laid: list[Laid]) -> tuple[Shown, ...]:
    return tuple(
        Shown(each.id, each.choice.kind, tuple(item.id for item in each.choice.items))
        for each in laid
        if each.choice is not None
    )


def sight_of(request: DecideRequest, caller: Caller, *, contextual: bool) -> Sight:
    """Say whose state the answer may be made of: for a page the browser's own, or the user's whose token came along."""
    if contextual:
        return Sight(None, own_only=True)
    user = _clean(request.user.user_id)
    sight = Sight(None, own_only=not caller.is_secret)
    anonymous = _anonymous(request, caller, sight)
    if caller.is_secret:
        sight.candidate = f"u:{user}" if user else anonymous
    elif caller.user_id is not None and user in (None, caller.user_id):
        return Sight(f"u:{caller.user_id}", own_only=False)
    else:
        sight.candidate = anonymous
        if user:
            sight.warn("user_id_not_used", "a page decides for another user than its token's by the anonymous id alone")
    return sight


def _anonymous(request: DecideRequest, caller: Caller, sight: Sight) -> CandidateId | None:
    anonymous = _clean(request.user.anonymous_id)
    try:
        return f"a:{caller.anonymous(anonymous)}" if anonymous else None
    except MalformedMessage as error:
        sight.warn(error.reason, error.detail)
        return None


def _clean(value: str | None) -> str | None:
    try:
        return identifier(value)
    except MalformedMessage:
        return None


def _asked(selector: Selector) -> SelectorRequest:
    item = selector.item
    return SelectorRequest(
        name=selector.name,
        count=selector.count,
        item_id=None if item is None else item.job_id or item.content_id,
        filter={name: (value,) if isinstance(value, str) else tuple(value) for name, value in selector.filter.items()},
        exclude=frozenset(selector.exclude),
        candidates=None if selector.candidates is None else tuple(selector.candidates),
        properties=tuple(selector.properties),
        offset=int(selector.next) if selector.next and selector.next.isdecimal() else 0,
    )


def _profile(found: Found, sight: Sight) -> dict[str, Any]:
    profile: dict[str, Any] = {"known": found.known, "version": sum(found.decision.version.values())}
    if not found.known:
        profile["version"] = 0
    if sight.candidate is not None:
        profile["id"] = sight.candidate
    return profile


def _page_type(context: Mapping[str, Any]) -> str | None:
    page = context.get("page")
    value = page.get("type") if isinstance(page, dict) else None
    return value if isinstance(value, str) else None
