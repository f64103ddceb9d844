"""What deciding tells Kafka: segment events, and decisions with the evidence they were made from.

The id of such news is `candidate/which/kind/at`, so that whoever finds it untold knows whom it is about and where it goes.
"""

from collections.abc import Sequence
from dataclasses import replace

import orjson

from profiles.store import DecisionPut
from schemas.chain import Chains
from schemas.decision import Decision, Ranked, Recall
from schemas.logged import encode_logged
from schemas.messages import CandidateId
from schemas.topics import Topic, TopicNames
from streams.sink import Outgoing

_REMEMBERED = 50_000
_LOGGED = "logged"


def candidate_of(news: str) -> CandidateId:
    """Answer whom news is about."""
    return news.rsplit("/", 3)[0]


def made_at(news: str) -> int:
    """Answer when news was made, in milliseconds."""
    return int(news.rpartition("/")[2])


def outgoing(names: TopicNames, news: str, value: bytes) -> Outgoing:
    """Answer the record that news becomes."""
    candidate, _, kind, at = news.rsplit("/", 3)
    if kind == _LOGGED:
        return Outgoing(names.full(Topic.DECISIONS), candidate.encode(), value, timestamp=int(at))
    return Outgoing(names.full(Topic.SEGMENTS), candidate.encode(), value)


def segment_event(decision: Decision, segment: str, *, entered: bool) -> tuple[str, bytes]:
    """Answer the id and the value of an entered or exited event; written twice it has the same id."""
    change = "entered" if entered else "exited"
    event = f"{decision.candidate_id}/{segment}/{change}/{decision.decided_at}"
    body = {
        "id": event,
        "candidateId": decision.candidate_id,
        "segment": segment,
        "change": change,
        "at": decision.decided_at,
        "decisionId": decision.id,
    }
    return event, orjson.dumps(body)


class DecisionLog:
    """Logs decisions and what they were made from; one that says the same as the last one logged goes by the earlier one's id.

    `chains` link what is logged to what was logged before (`schemas/chain.py`) and tell of it to the topic `anchors`; None for a log
    that nobody audits.
    """

    def __init__(
        self,
        topic: str,
        *,
        chains: Chains | None = None,
        anchors: str = "",
    ) -> None:
        self._topic = topic
        self._chains = chains
        self._anchors = anchors
        self._last: dict[str, tuple[int, str]] = {}

    def named(self, decision: Decision) -> Decision:
        """Answer the decision under the id that it is, or will be, logged by."""
        last = self._last.get(decision.candidate_id)
        return replace(decision, id=last[1]) if last is not None and last[0] == _said(decision) else decision

    def with_news(self, put: DecisionPut, recall: Recall) -> DecisionPut:
        """Answer the same with the decision's record among its news, unless it goes by the id of one that is logged.

        Kept together, so that nobody is served what cannot be explained, should this process be killed before Kafka has it.
        """
        decision = put.decision
        last = self._last.get(decision.candidate_id)
        if last is not None and last[1] == decision.id:
            return put
        news = f"{decision.candidate_id}/{decision.id}/{_LOGGED}/{decision.decided_at}"
        return replace(put, news={**put.news, news: encode_logged(decision, recall(), put.encoded)})

    def kept(self, decision: Decision) -> None:
        """Note that the store has a decision and its news: later ones may go by its id."""
        self._last.pop(decision.candidate_id, None)
        self._last[decision.candidate_id] = (_said(decision), decision.id)
        if len(self._last) > _REMEMBERED:
            del self._last[next(iter(self._last))]

    def linked(self, records: Sequence[Outgoing]) -> list[Outgoing]:
        """Answer the records, those of the log with their places in the chain: call it in the order of sending, and send at once."""
        chains = self._chains
        if chains is None:
            return list(records)
        return [
            replace(record, headers=(chains.link(record.key or b"", record.value or b""),))
            if record.topic == self._topic
            else record
            for record in records
        ]

    def not_sent(self) -> None:
        """Note that what was linked may or may not lie in the log: nobody goes by the name of what may not."""
        self._last.clear()
        if self._chains is not None:
            self._chains.renew()

    def anchors(self, now: int) -> list[Outgoing]:
        """Answer how far the chains have come, when everything linked is acknowledged."""
        if self._chains is None:
            return []
        return [Outgoing(self._anchors, key, value) for key, value in self._chains.anchors(now)]

    def close(self, now: int) -> list[Outgoing]:
        """Answer how far the chains have come for good."""
        return [] if self._chains is None else [Outgoing(self._anchors, *each) for each in self._chains.close(now)]


def _said(decision: Decision) -> int:
    """Answer what differs when a decision says something else: other items, scores, model, refusals or overrides."""
    choices = [(choice.selector, Ranked.of(choice.items)) for choice in decision.choices]
    said = [(selector, *ranked.ids, *ranked.scores) for selector, ranked in choices]
    return hash((decision.model, decision.policy, decision.refused, *said))
