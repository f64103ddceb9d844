"""Who calls, what they may do, and whom they proved to be."""

from dataclasses import dataclass

from api.access import Holder, Right
from api.people import Sight
from api.visitors import MARK, VisitorIds
from schemas.messages import CandidateId, MalformedMessage


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, what they may do, and whom they proved to be."""

    source: str
    holder: Holder
    rights: frozenset[Right]
    site: str
    user_id: str | None = None
    selves: frozenset[CandidateId] = frozenset()
    segments: frozenset[str] = frozenset()
    ids: "Ids | None" = None

    @property
    def name(self) -> str:
        """Who says so, for the record: a colleague by the subject of their token, a server by its key's name."""
        return self.user_id or self.source

    @property
    def is_secret(self) -> bool:
        return self.holder == "secret"

    @property
    def is_page(self) -> bool:
        """Say whether this is a page or an app: what it says about a person counts as far as it is proven."""
        return self.holder in ("publishable", "candidate")

    @property
    def sight(self) -> Sight:
        """How much of a person this caller sees: claims join people for our own servers and colleagues only."""
        return "proven" if self.is_page or self.holder == "ad" else "all"

    def check_user(self, user_id: object, *, alone: bool) -> None:
        """Refuse, where ids must be signed, a message of a page that is `alone` about a user who is not its token's."""
        if self.is_page and alone and self.ids is not None and self.ids.only_signed and user_id != self.user_id:
            raise MalformedMessage("unproven_user", "a page speaks for a signed anonymous id or for its token's user")

    def may_read(self, candidate: CandidateId | None) -> bool:
        """Say whether this caller may read what is held about somebody: a candidate only about themselves."""
        return not self.is_page or candidate in self.selves

    def anonymous(self, text: str) -> str:
        """Answer the anonymous id behind what was sent, or raise MalformedMessage for one that is not proven."""
        return text if self.ids is None else self.ids.opened(text, self)


@dataclass(frozen=True, slots=True)
class Ids:
    """How anonymous ids are taken: those made here by their signature, others as they come unless `only_signed`."""

    visitors: VisitorIds
    only_signed: bool = False

    def opened(self, text: str, caller: Caller) -> str:
        if text.startswith(MARK) and (caller.is_page or "." in text):
            return self.visitors.proven(text, caller.site)
        if self.only_signed and caller.is_page:
            raise MalformedMessage("unsigned_id", "this site takes anonymous ids from POST /v1/visitors only")
        return text
