"""Who may call what, declared once: a right for every route, and the rights of every kind of caller.

The door enforces this table, the OpenAPI document is made from it, and a route that is not in it stops the start.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from fastapi import APIRouter
from fastapi.routing import APIRoute

Right = Literal[
    "open",  # needs no credential
    "events:write",  # send events
    "visitors:create",  # have a signed anonymous id made
    "decisions:make",  # ask what to show
    "catalogue:read",  # read postings and facets
    "profiles:read",  # read what is held about a person
    "decisions:read",  # read why something was shown
    "segments:read",  # read a person's segments
    "resumes:write",  # have a résumé read into a profile
    "people:rights",  # ask for consent, export and erasure about a person
    "people:regulate",  # answer requests about people's data: erase, suppress, release
    "statistics:read",  # read what happened to a posting, and how people respond
    "overrides:read",  # read what colleagues pinned, boosted, blocked and paused
    "overrides:write",  # pin, boost and block
    "appeals:lodge",  # ask that a person looks at a decision
    "appeals:read",  # read appeals: a candidate's own, a colleague's all with what the engine had
    "appeals:decide",  # uphold, overturn or correct what is appealed against
    "models:pause",  # let the prior decide instead of the model, and end that
    "segments:list",  # read the members of a segment, and several people's segments at once
]
RIGHTS: tuple[Right, ...] = get_args(Right)

StaffRole = Literal["viewer", "marketer", "recruiter", "privacy", "operator", "admin"]
STAFF_ROLES: tuple[StaffRole, ...] = get_args(StaffRole)

Holder = Literal["publishable", "candidate", "secret", "ad", StaffRole]
"""Kinds of callers: a page's key, the same with proof of who is behind it, a server's key, an ad server's token, and people's roles."""

_PAGE: frozenset[Right] = frozenset({"events:write", "visitors:create", "decisions:make", "catalogue:read"})
_REVIEW: frozenset[Right] = frozenset({"appeals:lodge", "appeals:read", "appeals:decide"})
_EVERYTHING: frozenset[Right] = frozenset(RIGHTS) - {"open"}
HOLDS: Mapping[Holder, frozenset[Right]] = {
    "publishable": _PAGE,
    "candidate": _PAGE
    | {"profiles:read", "segments:read", "people:rights", "resumes:write", "appeals:lodge", "appeals:read"},
    "secret": _EVERYTHING,
    "ad": frozenset({"segments:read"}),
    "viewer": frozenset({"catalogue:read", "statistics:read"}),
    "marketer": frozenset(
        {"catalogue:read", "statistics:read", "segments:read", "segments:list", "overrides:read", "overrides:write"}
    ),
    "recruiter": _REVIEW
    | {"catalogue:read", "statistics:read", "profiles:read", "decisions:read", "overrides:read", "overrides:write"},
    "privacy": _REVIEW
    | {"catalogue:read", "profiles:read", "decisions:read", "segments:read", "people:rights", "people:regulate"},
    "operator": frozenset(
        {"catalogue:read", "statistics:read", "decisions:read", "overrides:read", "overrides:write", "models:pause"}
    ),
    "admin": _REVIEW
    | {
        "catalogue:read",
        "statistics:read",
        "profiles:read",
        "decisions:read",
        "segments:read",
        "segments:list",
        "overrides:read",
        "overrides:write",
        "models:pause",
    },
}
"""A candidate's rights reach as far as the ids that were proven, a secret key's as its scopes, an ad token's as its segments."""

READS_NAMES: frozenset[Holder] = frozenset({"candidate", "secret", "recruiter", "privacy"})
"""Who is told what is sealed of a profile (names, addresses, telephone, free text); to others who may read profiles it is null."""

_EVENTS = (
    "batch",
    "b",
    "import",
    "track",
    "t",
    "identify",
    "i",
    "page",
    "p",
    "screen",
    "s",
    "group",
    "g",
    "alias",
    "a",
    "cloudevents",
    "engagements",
)
ROUTES: Mapping[tuple[str, str], Right] = {
    **{("POST", f"/v1/{name}"): "events:write" for name in _EVENTS},
    ("POST", "/beacon/v1/batch"): "events:write",
    ("GET", "/v1/projects/{key}/settings"): "events:write",
    ("GET", "/sourceConfig/"): "events:write",
    ("GET", "/sourceConfig"): "events:write",
    ("POST", "/v1/visitors"): "visitors:create",
    ("POST", "/v1/decide"): "decisions:make",
    ("GET", "/v1/decide"): "decisions:make",
    ("GET", "/v1/jobs"): "catalogue:read",
    ("GET", "/v1/jobs/{job_id}"): "catalogue:read",
    ("GET", "/v1/facets"): "catalogue:read",
    ("GET", "/v1/items/{item_id}/statistics"): "statistics:read",
    ("GET", "/v1/decisions/{decision_id}"): "decisions:read",
    ("GET", "/v1/profiles/{name}"): "profiles:read",
    ("GET", "/v1/profiles/{name}/export"): "people:rights",
    ("POST", "/v1/profiles/import"): "people:regulate",
    ("DELETE", "/v1/profiles/{name}"): "people:rights",
    ("POST", "/v1/consents"): "people:rights",
    ("POST", "/v1/enrichments"): "resumes:write",
    ("GET", "/v1/profiles/{name}/consent-records"): "people:rights",
    ("GET", "/.well-known/consent-keys.json"): "open",
    ("GET", "/v2/discovery"): "open",
    ("GET", "/v2/certificate.pem"): "open",
    ("POST", "/v2/requests"): "people:regulate",
    ("GET", "/v2/requests/{request_id}"): "people:regulate",
    ("DELETE", "/v2/requests/{request_id}"): "people:regulate",
    ("POST", "/v1/regulations"): "people:regulate",
    ("GET", "/v1/regulations/{regulate_id}"): "people:regulate",
    ("GET", "/v1/profiles/{name}/segments"): "segments:read",
    ("GET", "/v1/spaces/{space}/collections/users/profiles/{name}/traits"): "segments:read",
    ("POST", "/v1/segments/lookup"): "segments:list",
    ("GET", "/v1/segments/{key}/members"): "segments:list",
    ("GET", "/v1/overrides"): "overrides:read",
    ("POST", "/v1/overrides"): "overrides:write",
    ("DELETE", "/v1/overrides/{override_id}"): "overrides:write",
    ("POST", "/v1/appeals"): "appeals:lodge",
    ("GET", "/v1/appeals"): "appeals:read",
    ("GET", "/v1/appeals/{appeal_id}"): "appeals:read",
    ("POST", "/v1/appeals/{appeal_id}/decision"): "appeals:decide",
    ("POST", "/v1/models/pause"): "models:pause",
    ("POST", "/v1/models/resume"): "models:pause",
    ("GET", "/healthz"): "open",
    ("GET", "/readyz"): "open",
    ("GET", "/metrics"): "open",
    ("GET", "/.well-known/gpc.json"): "open",
}


class UndeclaredRoute(LookupError):
    """A route that nobody said who may call."""


def right_of(method: str, template: str) -> Right:
    """Answer the right that a route asks for; `template` is its path with names in braces."""
    try:
        return ROUTES[method, template.replace(":path}", "}")]
    except KeyError:
        raise UndeclaredRoute(f"{method} {template} has no right: say in api/access.py who may call it") from None


def holders_of(right: Right) -> tuple[Holder, ...]:
    """Answer who has a right; () when it needs no credential."""
    return tuple(holder for holder, rights in HOLDS.items() if right in rights)


def check_routes(router: APIRouter) -> None:
    """Raise UndeclaredRoute for a route that is not in the table."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                right_of(method, route.path)
