"""The profile store in memory: the same promises in one process, for dry replays, the demo and tests."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from profiles.answers import Answer, decode_answers, encode_answers, latest, with_answers
from profiles.candidate import Stored
from profiles.counts import MemoryCounts
from profiles.identity import Link
from profiles.pseudonym import pseudonym
from profiles.redis_layout import link_value, redirect_value
from profiles.sections import decode_section
from profiles.store import (
    ANSWERS_LIMIT,
    LINKS_LIMIT,
    TREND_HOURS,
    Announcement,
    Commit,
    DecisionPut,
    Identities,
    Kept,
    Outcome,
    PutAnswer,
    SectionKey,
    TopicPartition,
    Written,
)
from profiles.trails import ENDED, MemoryTrails
from profiles.trends import HOUR_MS, decayed
from schemas.decision import VersionVector
from schemas.decision_json import decode_decision, encode_decision
from schemas.messages import CandidateId


@dataclass(slots=True)
class _Generation:
    sections: dict[SectionKey, tuple[int, bytes]] = field(default_factory=dict)
    checkpoints: dict[TopicPartition, int] = field(default_factory=dict)
    links: defaultdict[CandidateId, dict[CandidateId, Link]] = field(default_factory=lambda: defaultdict(dict))
    redirects: dict[CandidateId, Link] = field(default_factory=dict)
    decisions: dict[CandidateId, bytes] = field(default_factory=dict)
    memberships: dict[CandidateId, dict[str, int]] = field(default_factory=dict)
    due: dict[CandidateId, int] = field(default_factory=dict)
    undecided: dict[SectionKey, int] = field(default_factory=dict)
    outbox: dict[str, bytes] = field(default_factory=dict)
    attempts: defaultdict[TopicPartition, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    trends: defaultdict[int, defaultdict[str, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )
    counts: MemoryCounts = field(default_factory=lambda: MemoryCounts("g1"))
    trails: MemoryTrails = field(default_factory=lambda: MemoryTrails("g1"))


@dataclass(slots=True)
class _Everything:
    generations: dict[str, _Generation] = field(default_factory=lambda: {"g1": _Generation()})
    live: str = "g1"
    count: int = 1
    answers: dict[CandidateId, bytes] = field(default_factory=dict)
    listeners: list["asyncio.Queue[Announcement]"] = field(default_factory=list)


class MemoryStore:
    """`ProfileStore` that forgets when the process ends."""

    def __init__(self, *, _everything: _Everything | None = None, _building: str | None = None) -> None:
        self._everything = _everything or _Everything()
        self._building = _building

    @property
    def trails(self) -> MemoryTrails:
        return self._now.trails

    @property
    def counts(self) -> MemoryCounts:
        return self._now.counts

    async def ping(self) -> None:
        return None

    async def close(self) -> None:
        return None

    async def generation(self) -> str:
        return self._building or self._everything.live

    async def checkpoints(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int | None]:
        return {each: self._now.checkpoints.get(each) for each in partitions}

    async def commit(self, commit: Commit) -> Outcome:
        if commit.generation != await self.generation() or commit.generation not in self._everything.generations:
            return Outcome.MOVED
        state = self._now
        stored = {each: state.checkpoints.get(each) for each in commit.checkpoints}
        if all(stored[each] == advance.following for each, advance in commit.checkpoints.items()):
            return Outcome.DONE
        if any(stored[each] != advance.expected for each, advance in commit.checkpoints.items()):
            return Outcome.FENCED
        state.checkpoints.update({each: advance.following for each, advance in commit.checkpoints.items()})
        state.sections.update(commit.sections)
        for gone in commit.deleted:
            state.sections.pop(gone, None)
            state.undecided.pop(gone, None)
        state.undecided.update({key: offset for key, (offset, _) in commit.sections.items()})
        for hour, jobs in commit.trends.items():
            for job, weight in jobs.items():
                state.trends[hour][job] += weight
        state.counts.add(commit.counts)
        for link in commit.links:
            _remember(state, link)
        self._announce(Announcement({each: advance.following for each, advance in commit.checkpoints.items()}))
        return Outcome.APPLIED

    async def sections(self, keys: Sequence[SectionKey]) -> dict[SectionKey, Stored]:
        found = {key: self._now.sections[key] for key in keys if key in self._now.sections}
        return {key: Stored(decode_section(key[0], value), offset) for key, (offset, value) in found.items()}

    async def identities(self, candidates: Iterable[CandidateId]) -> Identities:
        state, users, anonymous = self._now, set[CandidateId](), set[CandidateId]()
        for asked in candidates:
            if asked.startswith("u:"):
                users.add(asked)
            elif asked in state.redirects:
                anonymous.add(asked)
                users.add(state.redirects[asked].user)
        links = {user: tuple(_newest_first(state.links[user].values())) for user in users if user in state.links}
        anonymous |= {link.anonymous for known in links.values() for link in known}
        redirects = {each: state.redirects[each].user for each in anonymous if each in state.redirects}
        return Identities(links, redirects)

    async def attempt(self, partition: TopicPartition, offset: int) -> int:
        tries = self._now.attempts[partition]
        tries[offset] = tries.get(offset, 0) + 1
        return tries[offset]

    async def decision(self, candidate: CandidateId) -> bytes | None:
        return self._now.decisions.get(candidate)

    async def kept(self, candidate: CandidateId) -> Kept:
        return Kept(await self.decision(candidate), self._everything.answers.get(candidate))

    async def note_answers(self, answers: Sequence[Answer]) -> list[CandidateId]:
        kept, concerned = self._everything.answers, list[CandidateId]()
        for candidate in dict.fromkeys(each.candidate for each in answers):
            said = [each for each in answers if each.candidate == candidate]
            led = self._now.redirects.get(candidate)
            for reader in (candidate, *([led.user] if led else [])):
                if worth := latest((*decode_answers(kept.get(reader)), *said), reader, ANSWERS_LIMIT):
                    kept[reader] = encode_answers(worth).encode()
                concerned.append(reader)
        self._announce(Announcement(answered=concerned))
        return concerned

    async def sections_as_told(self, keys: Sequence[SectionKey]) -> Mapping[SectionKey, Stored]:
        ids = {candidate for _, candidate in keys}
        answers = [answer for each in ids for answer in decode_answers(self._everything.answers.get(each))]
        return with_answers(await self.sections(keys), answers, ids)

    async def settle_answers(self, candidate: CandidateId, answers: bytes) -> None:
        if self._everything.answers.get(candidate) == answers:
            del self._everything.answers[candidate]

    async def put_decisions(self, puts: Sequence[DecisionPut]) -> list[PutAnswer]:
        if await self.generation() not in self._everything.generations:
            return [PutAnswer(Written.MOVED)] * len(puts)
        return [self._put(put) for put in puts]

    async def memberships(self, candidates: Sequence[CandidateId]) -> dict[CandidateId, dict[str, int]]:
        return {each: dict(self._now.memberships.get(each, {})) for each in candidates}

    async def members(self, segment: str, start: int = 0, limit: int = 1000) -> list[tuple[CandidateId, int]]:
        found = [(entered[segment], each) for each, entered in self._now.memberships.items() if segment in entered]
        return [(each, entered) for entered, each in sorted(found)[start : start + limit]]

    async def member_count(self, segment: str) -> int:
        return sum(segment in entered for entered in self._now.memberships.values())

    async def due(self, now: int, limit: int = 500) -> list[CandidateId]:
        found = sorted((at, each) for each, at in self._now.due.items() if at <= now)
        return [each for _, each in found[:limit]]

    async def undecided(self, limit: int = 500) -> dict[SectionKey, int]:
        return dict(list(self._now.undecided.items())[:limit])

    async def settle(self, marks: Mapping[SectionKey, int]) -> None:
        waiting = self._now.undecided
        for key, offset in marks.items():
            if waiting.get(key, offset + 1) <= offset:
                del waiting[key]

    async def untold(self) -> set[str]:
        return set(self._now.outbox)

    async def news(self, ids: Sequence[str]) -> dict[str, bytes]:
        return {name: self._now.outbox[name] for name in ids if name in self._now.outbox}

    async def settle_news(self, ids: Iterable[str]) -> None:
        for name in ids:
            self._now.outbox.pop(name, None)

    async def trends(self, now: int, half_life_hours: float = 12.0) -> dict[str, float]:
        latest = now // HOUR_MS
        kept = {hour: jobs for hour, jobs in self._now.trends.items() if latest - TREND_HOURS < hour <= latest}
        return decayed(kept, now, half_life_hours)

    async def forget(self, candidates: Mapping[CandidateId, int]) -> int:
        state, gone = self._now, 0
        await state.trails.put({pseudonym(each): ENDED for each in candidates})
        for each, at in candidates.items():
            gone += sum(held.pop(each, None) is not None for held in (state.decisions, state.memberships))
            state.due.pop(each, None)
            self._everything.answers.pop(each, None)
            if each.startswith("u:"):
                for anonymous, link in list(state.links.get(each, {}).items()):
                    if link.at <= at:
                        del state.links[each][anonymous]
                for anonymous, link in list(state.redirects.items()):
                    if link.user == each and link.at <= at:
                        del state.redirects[anonymous]
                        gone += 1
            elif (led := state.redirects.get(each)) is not None and led.at <= at:
                del state.redirects[each]
                state.links[led.user].pop(each, None)
                gone += 1
            for user in [user for user, held in state.links.items() if not held]:
                del state.links[user]
        return gone

    async def digest(self) -> str:
        state, total = self._now, sha256()
        for topic, each in sorted(state.sections):
            total.update(f"s:{topic.value}:{each}=".encode() + state.sections[topic, each][1] + b"\n")
        for user in sorted(state.links):
            known = sorted((each.encode(), link_value(link).encode()) for each, link in state.links[user].items())
            total.update(f"links:{user}=".encode() + b"%r\n" % known)
        for each in sorted(state.redirects):
            total.update(f"redirect:{each}={redirect_value(state.redirects[each])}\n".encode())
        return total.hexdigest()

    async def candidates(self) -> AsyncIterator[CandidateId]:
        for _, candidate in list(self._now.sections):
            yield candidate

    async def bytes_of(self, candidate: CandidateId) -> int:
        state = self._now
        sections = sum(len(value) for (_, each), (_, value) in state.sections.items() if each == candidate)
        return sections + len(state.decisions.get(candidate, b""))

    async def generations(self) -> list[str]:
        return list(self._everything.generations)

    async def create_generation(self) -> str:
        self._everything.count += 1
        name = f"g{self._everything.count}"
        self._everything.generations[name] = _Generation(trails=MemoryTrails(name), counts=MemoryCounts(name))
        return name

    def building(self, generation: str) -> "MemoryStore":
        return MemoryStore(_everything=self._everything, _building=generation)

    async def inherit(self, generation: str) -> None:
        other = self._everything.generations[generation]
        self._now.memberships = {each: dict(entered) for each, entered in other.memberships.items()}
        self._now.due = dict(other.due)

    async def swap(self, live: str, following: str) -> bool:
        if self._everything.live != live or following not in self._everything.generations:
            return False
        self._everything.live = following
        return True

    async def delete_generation(self, generation: str) -> int:
        if generation == self._everything.live:
            raise ValueError(f"{generation} is the live generation: swap to another one first")
        gone = self._everything.generations.pop(generation, _Generation())
        return len(gone.sections) + len(gone.checkpoints)

    async def announcements(self) -> AsyncIterator[Announcement]:
        queue: asyncio.Queue[Announcement] = asyncio.Queue()
        self._everything.listeners.append(queue)
        try:
            yield Announcement()
            while True:
                yield await queue.get()
        finally:
            self._everything.listeners.remove(queue)

    @property
    def _now(self) -> _Generation:
        everything = self._everything
        return everything.generations.get(self._building or everything.live) or _Generation()

    def _announce(self, announcement: Announcement) -> None:
        if self._building is None:
            for queue in self._everything.listeners:
                queue.put_nowait(announcement)

    def _put(self, put: DecisionPut) -> PutAnswer:
        state, candidate = self._now, put.decision.candidate_id
        answer = _compared(state.decisions.get(candidate), put)
        if not _wrote(answer):
            return answer
        if put.memberships != put.before and state.memberships.get(candidate, {}) != put.before:
            return PutAnswer(Written.CONFLICT, answer.over)
        state.decisions[candidate] = encode_decision(put.decision)
        state.memberships[candidate] = dict(put.memberships)
        state.outbox.update(put.news)
        if put.due is None:
            state.due.pop(candidate, None)
        else:
            state.due[candidate] = put.due
        return PutAnswer(Written.WRITTEN)


def _compared(kept: bytes | None, put: DecisionPut) -> PutAnswer:
    if kept is None:
        return PutAnswer(Written.WRITTEN)
    stored = decode_decision(kept)
    over = _vector(stored.version)
    if over == put.over:
        return PutAnswer(Written.WRITTEN, over)
    offered = put.decision.version
    behind = any(offered.get(name, -1) < offset for name, offset in stored.version.items())
    ahead = any(stored.version.get(name, -1) < offset for name, offset in offered.items())
    if behind:
        return PutAnswer(Written.CONFLICT, over) if ahead else PutAnswer(Written.OUTDATED)
    if not ahead and stored.decided_at > put.decision.decided_at:
        return PutAnswer(Written.OUTDATED)
    return PutAnswer(Written.WRITTEN, over)


def _vector(version: VersionVector) -> bytes:
    return ",".join(f"{name}={offset}" for name, offset in sorted(version.items())).encode()


def _wrote(answer: PutAnswer) -> bool:
    return answer.written is Written.WRITTEN


def _remember(state: _Generation, link: Link) -> None:
    known = state.links[link.user]
    before = known.get(link.anonymous)
    if before is None or link_value(before) < link_value(link):
        known[link.anonymous] = link
        if len(known) > LINKS_LIMIT:
            del known[min(known, key=lambda each: (link_value(known[each]), each))]
    led = state.redirects.get(link.anonymous)
    if led is None or redirect_value(led) < redirect_value(link):
        state.redirects[link.anonymous] = link


def _newest_first(links: Iterable[Link]) -> list[Link]:
    return sorted(links, key=lambda link: (link.at, link.message), reverse=True)
