"""The answer's choices, and what the decision log keeps of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.decider import Found
from api.postings import Postings, content_members
from catalog.index import Catalog
from schemas.consent import AI_SCORING
from schemas.deciding import Selector
from schemas.decision import Choice, RankedItem, Rung
from scorers.reasons import explain

SOURCES: Mapping[tuple[str, Rung], str] = {
    ("RECS", "live"): "model",
    ("RECS", "last_good"): "model",
    ("CONTENT", "live"): "rule",
    ("CONTENT", "last_good"): "rule",
    ("RECS", "segment"): "cohort",
    ("CONTENT", "segment"): "cohort",
    ("RECS", "site"): "popular",
    ("CONTENT", "site"): "popular",
}
"""What kind of opinion a rung is, in the words of the contract; the rest is `default`."""
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Laid:
    """A choice after the request was laid over it; `following` is where the next page begins, None at the end."""

    selector: Selector
    id: str
    choice: Choice | None
    following: int | None = None


def choice_id(call_id: str, index: int) -> str:
    """Answer a choice's own id: the call's, counted on in its last two digits."""
    return f"{call_id[:-2]}{index:02x}"


def source_of(kind: str, found: Found, *, contextual: bool, paused: bool) -> str:
    """Answer what kind of opinion a choice is; while the model is paused or refused, that of rules and weights set by hand."""
    source = "default" if contextual else SOURCES.get((kind, found.rung), "default")
    by_hand = paused or AI_SCORING in found.decision.refused
    return "rule" if by_hand and source == "model" else source


class Answer:
    """Builds the bodies of one call's choices."""

    def __init__(
        self, found: Found, *, catalog: Catalog, postings: Postings, contextual: bool, paused: bool, explain: bool
    ) -> None:
        self._found = found
        self._catalog = catalog
        self._postings = postings
        self._contextual = contextual
        self._paused = paused
        self._explain = explain

    def body(self, laid: Laid) -> dict[str, Any]:
        """Answer what the page gets for one selector."""
        choice = laid.choice
        if choice is None:
            return {"selector": laid.selector.name, "type": "NONE", "reason": "unknown_selector"}
        if choice.kind == "CONTENT" and not choice.items:
            return {"selector": laid.selector.name, "type": "NONE", "reason": "nothing_to_show"}
        body: dict[str, Any] = {
            "selector": laid.selector.name,
            "decisionId": laid.id,
            "type": choice.kind,
            "source": source_of(choice.kind, self._found, contextual=self._contextual, paused=self._paused),
            "rung": self._found.rung,
            "degraded": self._found.degraded,
            "model": self._found.decision.model,
        }
        if choice.kind == "CONTENT":
            self._add_variation(body, choice.items[0])
        body["items"] = [self._item(laid, item, number) for number, item in enumerate(choice.items, 1)]
        if laid.following is not None:
            body["next"] = str(laid.following)
        return body

    def _add_variation(self, body: dict[str, Any], first: RankedItem) -> None:
        content = self._catalog.content(first.id)
        if content is not None:
            body["variation"] = {"id": content.id, "name": content.title}
            body["payload"] = {"type": "JSON", "data": content.payload}

    def _item(self, laid: Laid, item: RankedItem, number: int) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": item.id,
            "slotId": f"{laid.id}.{number}",
            "score": round(item.score, _DIGITS),
            "propensity": round(item.propensity, _DIGITS),
        }
        if self._explain:
            body["source"] = item.source
            body["reasons"] = [
                {
                    "code": reason.code,
                    "detail": reason.detail,
                    "weight": round(reason.weight, _DIGITS),
                    "text": explain(reason),
                }
                for reason in item.reasons
            ]
        if laid.choice is not None and laid.choice.kind == "CONTENT":
            self._add_content(body, item, laid.selector.properties)
        elif laid.selector.properties:
            body["properties"] = self._postings.members(item.id, laid.selector.properties)
        return body

    def _add_content(self, body: dict[str, Any], item: RankedItem, names: Sequence[str]) -> None:
        content = self._catalog.content(item.id)
        if content is None:
            return
        body["payload"] = {"type": "JSON", "data": content.payload}
        body["properties"] = (
            content_members(content, names) if names else {"title": content.title, "kind": content.kind}
        )


def logged_choice(laid: Laid, choice: Choice, source: str) -> dict[str, Any]:
    """Answer what the log keeps of a choice: enough to learn from and to explain."""
    return {
        "id": laid.id,
        "selector": choice.selector,
        "kind": choice.kind,
        "source": source,
        "items": [
            {
                "id": item.id,
                "score": item.score,
                "propensity": item.propensity,
                "source": item.source,
                "reasons": [[reason.code, reason.detail, reason.weight] for reason in item.reasons],
            }
            for item in choice.items
        ],
        "filter": laid.selector.filter,
        "excluded": len(laid.selector.exclude),
    }
