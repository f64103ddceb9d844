"""How a profile lies in Redis: key names, values and the arguments of the scripts. Pure: `redis_store` does the talking."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from profiles.candidate import Stored
from profiles.counts import ITEMS_LIMIT, addition, additions
from profiles.identity import Link
from profiles.sections import decode_section
from profiles.store import (
    LINKS_LIMIT,
    SECONDS_KEPT,
    TREND_HOURS,
    Announcement,
    Commit,
    DecisionPut,
    Identities,
    Outcome,
    PutAnswer,
    SectionKey,
    TopicPartition,
    Written,
)
from schemas.decision_json import encode_decision
from schemas.messages import CandidateId
from schemas.topics import Topic

OUTCOMES = {1: Outcome.APPLIED, 2: Outcome.DONE, 3: Outcome.FENCED, 4: Outcome.MOVED}
WRITTEN = {1: Written.WRITTEN, 2: Written.OUTDATED, 4: Written.MOVED}

Argument = str | bytes | int | float
_SAFE_NAME = re.compile(r"[A-Za-z0-9._-]+")


class Call(NamedTuple):
    """The keys and arguments of one script call."""

    keys: list[str]
    args: list[Argument]


@dataclass(frozen=True, slots=True)
class Layout:
    """Key names under one namespace (`careers`) and, where they belong to one, generation (`g1`)."""

    namespace: str

    def __post_init__(self) -> None:
        if not _SAFE_NAME.fullmatch(self.namespace):
            raise ValueError(f"a namespace is made of letters, digits, '.', '_' and '-', not {self.namespace!r}")

    @property
    def pointer(self) -> str:
        return f"{self.namespace}:generation"

    @property
    def counter(self) -> str:
        return f"{self.namespace}:generation-count"

    @property
    def generations(self) -> str:
        return f"{self.namespace}:generations"

    def answers(self, candidate: CandidateId = "") -> str:
        """Answer where it stands what somebody said about consent of late; outside the generations, for it speaks of the log."""
        return f"{self.namespace}:answers:{candidate}"

    def channel(self, generation: str | None) -> str:
        """Answer the channel of live announcements, or that of a generation that is being built (nobody listens there)."""
        return f"{self.namespace}:{generation}:applied" if generation else f"{self.namespace}:applied"

    def prefix(self, generation: str) -> str:
        return f"{self.namespace}:{generation}:"

    def section(self, generation: str, key: SectionKey) -> str:
        return f"{self.namespace}:{generation}:s:{key[0].value}:{key[1]}"

    def checkpoint(self, generation: str, partition: TopicPartition) -> str:
        return f"{self.namespace}:{generation}:checkpoint:{partition}"

    def attempts(self, generation: str, partition: TopicPartition) -> str:
        return f"{self.namespace}:{generation}:attempts:{partition}"

    def of(self, generation: str, kind: str, name: str = "") -> str:
        """Answer any other key: `links`, `redirect`, `d`, `seg`, `members`, `trend` with a name; `due`, `undecided`, `outbox`."""
        return f"{self.namespace}:{generation}:{kind}:{name}" if name else f"{self.namespace}:{generation}:{kind}"


def commit_call(layout: Layout, commit: Commit, *, building: bool) -> Call:
    """Answer what `commit.lua` wants."""
    generation = commit.generation
    keys = [layout.pointer, layout.generations, layout.of(generation, "undecided")]
    keys += [layout.checkpoint(generation, partition) for partition in commit.checkpoints]
    keys += [layout.section(generation, key) for key in commit.sections]
    keys += [layout.of(generation, "trend", str(hour)) for hour in commit.trends]
    args: list[Argument] = [
        generation,
        "building" if building else "live",
        layout.channel(generation if building else None),
        encode_announcement(commit),
        len(commit.checkpoints),
        len(commit.sections),
        len(commit.trends),
        len(commit.links),
        TREND_HOURS * 3600,
        LINKS_LIMIT,
        len(commit.deleted),
        sum(map(len, commit.counts.values())),
        ITEMS_LIMIT,
    ]
    for advance in commit.checkpoints.values():
        args += ("" if advance.expected is None else advance.expected, advance.following)
    for (topic, candidate), (offset, value) in commit.sections.items():
        args += (b"%d %b" % (offset, value), f"{topic.value}/{candidate}", offset)
    for jobs in commit.trends.values():
        args.append(len(jobs))
        for job, weight in jobs.items():
            args += (job, weight)
    for link in commit.links:
        keys += (layout.of(generation, "links", link.user), layout.of(generation, "redirect", link.anonymous))
        args += (link.anonymous, link_value(link), redirect_value(link))
    keys += [layout.section(generation, key) for key in commit.deleted]
    args += [mark(key) for key in commit.deleted]
    keys += moving_keys(layout, generation, "counts")
    for eras, job, slots in additions(commit.counts):
        args += (job, addition(eras, slots))
    return Call(keys, args)


def moving_keys(layout: Layout, generation: str, kind: str) -> list[str]:
    """Answer the keys of values of which it is told who moved: the values by name, names by move, the count of moves."""
    return [layout.of(generation, name) for name in (kind, f"{kind}-order", f"{kind}-count")]


def decide_call(layout: Layout, generation: str, puts: Sequence[DecisionPut], *, building: bool) -> Call:
    """Answer what `decide.lua` wants."""
    names = sorted({name for put in puts for name in put.memberships.keys() ^ put.before.keys()})
    index = {name: position for position, name in enumerate(names, 1)}
    keys = [layout.pointer, layout.generations, layout.of(generation, "due"), layout.of(generation, "outbox")]
    args: list[Argument] = [
        generation,
        "building" if building else "live",
        len(puts),
        len(names),
        SECONDS_KEPT,
    ]
    for put in puts:
        candidate = put.decision.candidate_id
        keys += (layout.of(generation, "d", candidate), layout.of(generation, "seg", candidate))
        changed = sorted(put.memberships.keys() ^ put.before.keys())
        args += (
            candidate,
            vector_value(put.decision.version),
            put.decision.decided_at,
            put.encoded or encode_decision(put.decision),
        )
        args += (memberships_value(put.before), memberships_value(put.memberships))
        args += ("" if put.due is None else put.due, put.over or "", len(changed))
        for name in changed:
            args += (index[name], put.memberships.get(name, ""))
        args.append(len(put.news))
        for name, value in put.news.items():
            args += (name, value)
    keys += [layout.of(generation, "members", name) for name in names]
    return Call(keys, args)


def packed(name: bytes, call: Call, sha: str) -> bytes:
    """Answer an EVALSHA as it goes over the wire: redis-py takes some 2.5 µs an argument for that, and a batch has 10,000."""
    return command_bytes(name, sha, b"%d" % len(call.keys), *call.keys, *map(_bytes, call.args))


def command_bytes(*parts: str | bytes) -> bytes:
    """Answer any command as it goes over the wire."""
    encoded = [part if isinstance(part, bytes) else part.encode() for part in parts]
    return b"*%d\r\n%b" % (len(encoded), b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in encoded]))


def put_answer(answer: int | bytes) -> PutAnswer:
    """Read one answer of `decide.lua`: a code, or the stored version vector that stands in the way."""
    if isinstance(answer, int):
        return PutAnswer(WRITTEN[answer])
    return PutAnswer(Written.CONFLICT, answer or None)


def link_value(link: Link) -> str:
    """Answer a link's value: compared as strings, the later one (then the greater message) is greater."""
    return f"{_moment(link)}|{'1' if link.verified else '0'}"


def redirect_value(link: Link) -> str:
    return f"{_moment(link)}|{link.user}"


def identities_of(answer: Sequence[Sequence[Any]]) -> Identities:
    """Read the answer of `people.lua`."""
    raw_links, raw_redirects = answer
    links = {}
    for user, pairs in _pairs(raw_links):
        found = [_link(user.decode(), anonymous.decode(), value.decode()) for anonymous, value in _pairs(pairs)]
        links[user.decode()] = tuple(sorted(found, key=lambda link: (link.at, link.message), reverse=True))
    redirects = {anonymous.decode(): value.decode().split("|", 2)[2] for anonymous, value in _pairs(raw_redirects)}
    return Identities(links, redirects)


def stored_section(topic: Topic, value: bytes) -> Stored:
    """Read `<offset> <canonical JSON>`."""
    offset, _, body = value.partition(b" ")
    return Stored(decode_section(topic, body), int(offset))


def stored_decision(value: bytes) -> bytes:
    """Read `<decided at> <version vector>`, a line break, and what `encode_decision` wrote; answer the latter."""
    return value[value.index(b"\n") + 1 :]


def vector_value(version: Mapping[str, int]) -> bytes:
    """Answer a version vector by digests of the sections' names, eight characters each: the names repeat long ids."""
    return orjson.dumps({_short(name): offset for name, offset in version.items()}, option=orjson.OPT_SORT_KEYS)


def memberships_value(memberships: Mapping[str, int]) -> bytes:
    return orjson.dumps(dict(memberships), option=orjson.OPT_SORT_KEYS)


def mark(key: SectionKey) -> str:
    return f"{key[0].value}/{key[1]}"


def section_of_mark(value: bytes) -> SectionKey:
    topic, _, candidate = value.decode().partition("/")
    return Topic(topic), candidate


def encode_announcement(commit: Commit) -> bytes:
    following = {str(partition): advance.following for partition, advance in commit.checkpoints.items()}
    return orjson.dumps({"following": following})


def announcement_of(value: bytes) -> Announcement:
    """Read what `encode_announcement` or lua/answer.lua wrote."""
    told = orjson.loads(value)
    found = {}
    for name, following in told.get("following", {}).items():
        topic, _, partition = name.partition(":")
        found[TopicPartition(Topic(topic), int(partition))] = following
    return Announcement(found, told.get("answered", ()))


def _short(name: str) -> str:
    return b64encode(blake2b(name.encode(), digest_size=6).digest()).decode("ascii")


def _bytes(argument: Argument) -> bytes:
    return argument if isinstance(argument, bytes) else str(argument).encode()


def _moment(link: Link) -> str:
    return f"{max(0, link.at):016d}|{link.message}"


def _link(user: CandidateId, anonymous: CandidateId, value: str) -> Link:
    at, message, verified = value.split("|")
    return Link(anonymous=anonymous, user=user, at=int(at), message=message, verified=verified == "1")


def _pairs(flat: Sequence[Any]) -> Iterable[tuple[Any, Any]]:
    return zip(flat[::2], flat[1::2], strict=True)
