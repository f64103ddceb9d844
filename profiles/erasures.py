"""Who was erased, who is suppressed, and who objected to profiling or to a purpose: a list of pseudonyms that every process follows.

It stands in a compacted topic of its own, apart from profiles and keys, so that a snapshot of either that comes back does not bring
anybody back: the list is read from its beginning before anything is folded or answered.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import orjson

from profiles.consent import may_count
from profiles.pseudonym import pseudonym
from schemas.consent import ANALYTICS, INCLUDED
from schemas.events import Event
from schemas.messages import CandidateId, Message

Span = tuple[int, int | None]
"""From when until when (milliseconds, by the time of receipt) something holds; None: still."""
_SPANS_LIMIT = 16


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds of one pseudonym: `suppressed` takes nothing of theirs, `unprofiled` only what needs no consent.

    `erased` says that the person's keys are destroyed, and stay so. `refused` are the purposes of `schemas.consent.INCLUDED` that were
    said no to, each with its times.
    """

    suppressed: tuple[Span, ...] = ()
    unprofiled: tuple[Span, ...] = ()
    erased: bool = False
    refused: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)

    @property
    def is_suppressed(self) -> bool:
        return _open(self.suppressed)

    @property
    def is_unprofiled(self) -> bool:
        return self.is_suppressed or _open(self.unprofiled)

    @property
    def is_uncounted(self) -> bool:
        """Say whether nothing that the person does may be counted, followed or learned from."""
        return self.is_unprofiled or self.refuses(ANALYTICS)

    def refuses(self, purpose: str) -> bool:
        return _open(self.refused.get(purpose, ()))

    def with_erasure(self) -> "Standing":
        """Answer the standing after an erasure: whatever arrives late, however old it says it is, does not count."""
        return Standing(((0, None),), (), erased=True)

    def with_suppression(self, at: int) -> "Standing":
        return replace(self, suppressed=_opened(self.suppressed, at))

    def with_objection(self, at: int) -> "Standing":
        return replace(self, unprofiled=_opened(self.unprofiled, at))

    def without_objection(self, at: int) -> "Standing":
        return replace(self, unprofiled=_closed(self.unprofiled, at))

    def with_answers(self, answers: Mapping[str, bool], at: int) -> "Standing":
        """Answer the standing after a yes or no to each of these purposes; a yes to what was not refused changes nothing."""
        changed = {
            purpose: (_closed if given else _opened)(self.refused.get(purpose, ()), at)
            for purpose, given in answers.items()
            if purpose in INCLUDED
        }
        return replace(self, refused={name: spans for name, spans in {**self.refused, **changed}.items() if spans})

    def released(self, at: int) -> "Standing":
        """Answer the standing of somebody who is taken up again from `at` on. What was erased stays erased."""
        return Standing(_closed(self.suppressed, at), _closed(self.unprofiled, at), refused=self.refused)


NOTHING = Standing()


def encode_standing(standing: Standing) -> bytes:
    return orjson.dumps(
        {
            "suppressed": standing.suppressed,
            "unprofiled": standing.unprofiled,
            "erased": standing.erased,
            "refused": dict(standing.refused),
        }
    )


def decode_standing(value: bytes) -> Standing:
    """Answer what `encode_standing` wrote; ValueError for anything else."""
    body = orjson.loads(value)
    if not isinstance(body, dict):
        raise TypeError("a standing is an object")
    refused = body.get("refused")
    return Standing(
        _spans(body.get("suppressed")),
        _spans(body.get("unprofiled")),
        erased=body.get("erased") is True,
        refused={str(name): _spans(spans) for name, spans in refused.items()} if isinstance(refused, dict) else {},
    )


class Erasures:
    """The list as this process knows it."""

    def __init__(self) -> None:
        self._standing: dict[str, Standing] = {}
        self._listeners: list[Callable[[str, Standing], None]] = []

    def __len__(self) -> int:
        return len(self._standing)

    def apply(self, key: str, value: bytes | None) -> None:
        """Take a record of the topic; ValueError or TypeError for one that is none."""
        if value is None:
            self._standing.pop(key, None)
            return
        standing = self._standing[key] = decode_standing(value)
        for listener in self._listeners:
            listener(key, standing)

    def listen(self, listener: Callable[[str, Standing], None]) -> None:
        """Have a listener told of each change from now on."""
        self._listeners.append(listener)

    def erased(self) -> list[str]:
        """Answer the pseudonyms whose keys must not be there."""
        return [name for name, standing in self._standing.items() if standing.erased]

    def of(self, candidate: CandidateId) -> Standing:
        # Most lists are empty, and a hash for every message is not free.
        return self._standing.get(pseudonym(candidate), NOTHING) if self._standing else NOTHING

    def named(self, name: str) -> Standing:
        """Answer what holds of a pseudonym."""
        return self._standing.get(name, NOTHING)

    def narrowed(self, ids: Collection[CandidateId], consents: Mapping[str, bool]) -> Mapping[str, bool]:
        """Answer somebody's consents without what was taken back a moment ago, under any of the ids, and is not in a section yet."""
        if not self._standing:
            return consents
        refused = {purpose for each in ids for purpose in INCLUDED if self.of(each).refuses(purpose)}
        return {**consents, **dict.fromkeys(refused, False)} if refused else consents

    def counts(self, message: Message) -> bool:
        """Say whether nobody in a message had said no to being counted when it came: like `refuses` a function of both."""
        return not self._standing or not any(
            _covers(self.of(each).refused.get(ANALYTICS, ()), message.received_at) for each in ids_in(message)
        )

    def suppresses(self, candidate: CandidateId, at: int) -> bool:
        """Say whether nothing of somebody was to be taken at a time."""
        return bool(self._standing) and _covers(self.of(candidate).suppressed, at)

    def takes_back(self, candidate: CandidateId, at: int) -> bool:
        """Say whether somebody was erased after a time (milliseconds), taken up again since or not: what is of then does not come back."""
        return bool(self._standing) and any(
            not since and (until is None or at < until) for since, until in self.of(candidate).suppressed
        )

    def refuses(self, message: Message, event: Event) -> bool:
        """Say whether a message comes too late for somebody in it: a function of the message and the list."""
        if not self._standing:
            return False
        at, free = message.received_at, may_count(event, None)
        return any(
            _covers(standing.suppressed, at) or (not free and _covers(standing.unprofiled, at))
            for standing in map(self.of, ids_in(message))
        )


def ids_in(message: Message) -> Iterable[CandidateId]:
    """Answer every id that a message names."""
    if message.user_id:
        yield f"u:{message.user_id}"
    if message.anonymous_id:
        yield f"a:{message.anonymous_id}"
    if message.previous_id:
        yield f"a:{message.previous_id}"


def _opened(spans: tuple[Span, ...], at: int) -> tuple[Span, ...]:
    return spans if _open(spans) else (*spans, (at, None))[-_SPANS_LIMIT:]


def _closed(spans: tuple[Span, ...], at: int) -> tuple[Span, ...]:
    return tuple((since, at if until is None else until) for since, until in spans)


def _open(spans: tuple[Span, ...]) -> bool:
    return bool(spans) and spans[-1][1] is None


def _covers(spans: tuple[Span, ...], at: int) -> bool:
    return any(since <= at and (until is None or at < until) for since, until in spans)


def _spans(value: object) -> tuple[Span, ...]:
    if not isinstance(value, list):
        return ()
    return tuple((int(since), None if until is None else int(until)) for since, until in value)
