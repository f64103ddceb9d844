"""Who belongs together: links between a browser's anonymous id and a user, and the ids that make up one person.

Links form a semilattice: of two that name the same anonymous id the newer takes it, by time, then by message. So an
alias before its page and after it lead to the same person, and two users are never joined through a browser they share.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from schemas.messages import CandidateId, Message

ANONYMOUS_LIMIT = 5
"""How many anonymous ids belong to a user at most: with the user's own, a person is six ids."""


@dataclass(frozen=True, slots=True)
class Link:
    """One message said that this anonymous id is this user; `verified` says whether a key or token vouched for it.

    `message` is a digest of that message's id: it decides between links of one time, and ids are long.
    """

    anonymous: CandidateId
    user: CandidateId
    at: int
    message: str
    verified: bool

    @property
    def rank(self) -> tuple[int, str, CandidateId]:
        """Links of one anonymous id are ordered by time, then message."""
        return self.at, self.message, self.user


def link_of(message: Message) -> Link | None:
    """Answer what a message says about who is who; None when it names one id only.

    An alias links the id it leaves behind to the user; one that leaves behind the user's own id (as browsers send it
    after an identify) says no more than any message with both ids. A previous id is an anonymous one by its place: were
    it another user's, no record has that key and nothing is joined.
    """
    if not message.user_id:
        return None
    previous = message.previous_id if message.type == "alias" and message.previous_id != message.user_id else None
    anonymous = previous or message.anonymous_id
    if not anonymous:
        return None
    return Link(
        anonymous=f"a:{anonymous}",
        user=f"u:{message.user_id}",
        at=message.event_time,
        message=urlsafe_b64encode(
            blake2b(message.message_id.encode("utf-8", "replace"), digest_size=6).digest()
        ).decode("ascii"),
        verified=message.verified,
    )


def newest_links(links: Iterable[Link]) -> dict[CandidateId, Link]:
    """Answer the link that each anonymous id follows, whatever order the links are handed over in."""
    newest: dict[CandidateId, Link] = {}
    for link in links:
        held = newest.get(link.anonymous)
        if held is None or link.rank > held.rank:
            newest[link.anonymous] = link
    return newest


def person_ids(
    asked: CandidateId,
    links: Mapping[CandidateId, Sequence[Link]],
    redirects: Mapping[CandidateId, CandidateId],
) -> tuple[CandidateId, ...]:
    """Answer the ids of the person behind `asked`: the user's, then at most five anonymous ones, the newest link first.

    `links` has the links of each user, `redirects` the user that each anonymous id follows now. An id that was taken
    over by another user is left out, and so is the oldest link of a user who came with too many browsers.
    """
    user = asked if asked.startswith("u:") else redirects.get(asked)
    if user is None:
        return (asked,)
    current = [link for link in links.get(user, ()) if redirects.get(link.anonymous) == user]
    newest = newest_links(current)
    ordered = sorted(newest.values(), key=lambda link: (link.rank, link.anonymous), reverse=True)
    return (user, *[link.anonymous for link in ordered[:ANONYMOUS_LIMIT]])
