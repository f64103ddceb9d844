"""Consent by purpose and by source: what is asked for, and what one request says of it.

One flat list of names, as consent platforms send it: what the data may be used for, and where it may come from.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from schemas.gpp import consents_of_gpp
from schemas.tcf import Vendor, consents_of_tcf

PERSONALIZATION, ANALYTICS, AI_SCORING, TALENT_POOL = "personalization", "analytics", "ai_scoring", "talent_pool"
EMAIL, SMS, ADVERTISING, ENRICHMENT, RESEARCH = "email", "sms", "advertising", "enrichment", "research"
BEHAVIOUR = "behaviour"

PURPOSES: Mapping[str, str] = {
    PERSONALIZATION: "put postings and content in an order of one's own",
    ANALYTICS: "count what is used, without telling people apart",
    AI_SCORING: "let a trained model estimate the fit with a posting",
    TALENT_POOL: "be considered for postings one did not apply to",
    EMAIL: "be written to by e-mail",
    SMS: "be written to by text message",
    ADVERTISING: "tell ad servers which audiences one belongs to",
    ENRICHMENT: "add to a profile what other sources know",
    RESEARCH: "train and evaluate models",
}
SOURCES: Mapping[str, str] = {
    BEHAVIOUR: "pages, searches and clicks on this site",
    "resume": "what a résumé says",
    "portfolio": "what a portfolio or a public profile says",
    "correspondence": "that there was contact by e-mail or calendar, and when; never what was written",
    "photo": "a picture: asked about so that a no is on record, and never used",
}
NAMES: tuple[str, ...] = (*PURPOSES, *SOURCES)
INCLUDED = frozenset({ANALYTICS, AI_SCORING, TALENT_POOL, EMAIL, SMS, ENRICHMENT})
"""Purposes that come along with personalisation until somebody says no to one; the others need a yes of their own."""
NEVER_USED = frozenset({"photo"})
SHAPING = (AI_SCORING, EMAIL, SMS)
"""Those of them that say what a decision may be made by and hold: a decision names which were refused."""
_SPELLINGS = {"personalisation": PERSONALIZATION, "behavior": BEHAVIOUR, "résumé": "resume", "marketing": ADVERTISING}


def canonical_name(name: str) -> str:
    """Answer the one spelling of a purpose or source; a site's own categories keep theirs."""
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    return _SPELLINGS.get(plain, plain)


def consent_in_force(
    context: Mapping[str, Any], *, gpc: bool = False, default: Collection[str] = (), vendor: Vendor | None = None
) -> dict[str, bool] | None:
    """Answer the consent under which a request is to be taken, or None when nobody was asked.

    Categories, a TC string and a GPP string may stand side by side: a no in one of them is a no. Categories are a whole answer:
    what they leave out is not granted. Where they are absent, `default` is what the site grants by itself. `Sec-GPC` is a no to
    advertising, and to personalisation unless that was said yes to in so many words. `vendor` is who must be among a string's vendors.
    """
    consent = context.get("consent")
    told = consent if isinstance(consent, dict) else {}
    categories = told.get("categoryPreferences")
    stated = dict(_both(_frameworks(told, vendor)))
    if isinstance(categories, dict):
        named = {canonical_name(str(name)): value is True for name, value in categories.items()}
        stated = dict(_both((stated, named)))
        stated.setdefault(PERSONALIZATION, False)
    if gpc:
        stated[ADVERTISING] = False
        stated.setdefault(PERSONALIZATION, False)
    if not isinstance(categories, dict):
        stated = {**dict.fromkeys(default, True), **stated}
    return stated or None


def answered_in(context: Mapping[str, Any], stamped: Mapping[str, bool] | None) -> dict[str, bool]:
    """Answer what an event about consent says, by name: each category with a yes or no, and whatever its TC and GPP strings speak of.

    The strings are taken as they were read when the event came in (`stamped`), for that depends on the site's vendor. Unlike what
    a request allows, an answer is about the names in it: what it leaves out stays as it was said before.
    """
    consent = context.get("consent")
    told = consent if isinstance(consent, dict) else {}
    categories = told.get("categoryPreferences")
    named = categories.items() if isinstance(categories, dict) else ()
    by_category = {canonical_name(str(name))[:60]: given for name, given in named if isinstance(given, bool)}
    read = _both(_frameworks(told, None))
    by_string = {name: (stamped or read).get(name, given) for name, given in read.items()}
    return dict(_both((by_category, by_string)))


def allows(consent: Mapping[str, bool], purpose: str) -> bool:
    """Say whether a purpose holds by what was said; every place that acts for a purpose asks here."""
    return consent.get(purpose, purpose in INCLUDED) is True


def refused_in(consent: Mapping[str, bool]) -> tuple[str, ...]:
    """Answer which of the purposes that shape a decision were said no to."""
    return tuple(purpose for purpose in SHAPING if not allows(consent, purpose))


def allows_source(consent: Mapping[str, bool] | None, source: str = BEHAVIOUR) -> bool:
    """Say whether what comes from this source may count for a profile: off unless granted.

    Who says yes to personalisation on a site says yes to what the site sees, unless that was said no to. What comes from elsewhere
    adds to a profile, so a no to that holds for all of it.
    """
    if consent is None or source in NEVER_USED or not allows(consent, PERSONALIZATION):
        return False
    if source == BEHAVIOUR:
        return consent.get(BEHAVIOUR, True) is True
    return consent.get(source) is True and allows(consent, ENRICHMENT)


def _frameworks(told: Mapping[str, Any], vendor: Vendor | None) -> Iterator[Mapping[str, bool]]:
    for name, read in (("tcString", consents_of_tcf), ("gpp", consents_of_gpp)):
        text = told.get(name)
        if isinstance(text, str) and text:
            yield read(text, vendor)


def _both(said: Iterable[Mapping[str, bool]]) -> Mapping[str, bool]:
    """Answer several statements as one: of a yes and a no, the no."""
    stated: dict[str, bool] = {}
    for each in said:
        for name, given in each.items():
            stated[name] = stated.get(name, True) and given
    return stated
