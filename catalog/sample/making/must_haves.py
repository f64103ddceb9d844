"""What a candidate must hold on the first day, read where a posting plainly says so and nowhere else.

"May be required", "for certain positions", "preferred", "within one year" and alternatives ("or 2. …") are no must-haves.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_DRIVER = r"(?:motor vehicle )?driver\W{0,2}s? licen[cs]e|\bdriving licen[cs]e"
_PROFESSIONAL_ENGINEER = (
    r"professional engineer\W{0,2}s? licen[cs]e|(?:licen[cs]e|registration) as a professional engineer"
)
_NURSE = r"licen[cs]e (?:and current registration to practice )?as a registered (?:professional )?nurse|registered nurse licen[cs]e"
_CREDENTIALS: Mapping[str, re.Pattern[str]] = {
    "licence:cdl": re.compile(r"commercial driver\W{0,2}s? licen[cs]e|\bCDL\b", re.IGNORECASE),
    "licence:driver": re.compile(_DRIVER, re.IGNORECASE),
    "licence:pe": re.compile(_PROFESSIONAL_ENGINEER, re.IGNORECASE),
    "certificate:ra": re.compile(r"new york state registration as an architect", re.IGNORECASE),
    "certificate:rla": re.compile(r"new york state registration as a landscape architect", re.IGNORECASE),
    "licence:rn": re.compile(_NURSE, re.IGNORECASE),
    "licence:md": re.compile(r"licen[cs]e to practice medicine", re.IGNORECASE),
    "licence:dvm": re.compile(r"licen[cs]e to practice veterinary medicine", re.IGNORECASE),
    "licence:pharmacist": re.compile(r"\bpharmacy licen[cs]e", re.IGNORECASE),
    "licence:barber": re.compile(r"licen[cs]e for the practice of barbering", re.IGNORECASE),
    "bar:ny": re.compile(
        r"admi(?:ssion|tted) to (?:the )?(?:new york|NYS?)(?: state)? bar"
        r"|must remain (?:a )?members? of the new york state bar"
        r"|(?:member|active)\b[^.;]{0,40}\b(?:good standing)[^.;]{0,20}\b(?:new york|NYS?)(?: state)? bar",
        re.IGNORECASE,
    ),
}
_EXPLICIT = re.compile(
    r"\bmust (?:have|possess|be maintained|be presented|remain)|\brequired\b|\bessential\b|licen[cs]e requirement",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"\bpossession of\b|^\W*(?:and )?(?:\(?\d[.)]\s*)?(?:qualification requirements )?(?:an? |current )?(?:valid |active )?"
    r"(?:new york|NYS|motor vehicle|admission|member in good|licen[cs]e)",
    re.IGNORECASE,
)
"""How a minimum requirement is put: the credential alone is the sentence. Elsewhere that might be a wish."""
_EITHER_LICENCE = re.compile(r"\bmust possess\b.*\bor a motor vehicle driver licen[cs]e\b", re.IGNORECASE)
_KEEPING_A_CDL = re.compile(r"\b(?:CDL|commercial driver)\b(?!.*\bposses).*\bmaintain", re.IGNORECASE)
"""Says what comes later: some who start with a learner's permit are told to keep the licence they will get."""
_SOFT = re.compile(
    r"\bmay be\b|\bcertain (?:positions|assignments)\b|\bsome (?:positions|assignments)\b|\bprefer|\ba plus\b|\bdesir|\bideal"
    r"|\bsubstitut|\bin lieu\b|\bwithin (?:\w+ )?(?:\(\d+\) )?(?:days|months?|(?:one )?year)|\bor a motor vehicle|learner\W?s permit"
    r"|\bif required\b|\bassignment level\b|\bappointed directly\b|\bpending\b|\badmission to any\b|\bpassport\b|\bnot required\b"
    r"|\bor (?:have )?(?:be )?able to obtain|\blaw school graduate\b",
    re.IGNORECASE,
)
_FOR_ALL = re.compile(
    r"\ball candidates must\b|license requirements?|at the time of (?:your )?appointment|by the time you are appointed"
    r"|must be maintained for the duration|must remain\b|\bincumbents?\b",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(r"(?:^|[\s;,.])or\s+\(?(?P<label>[2-9b-e])[.)]\s|\bone of the following\b", re.IGNORECASE)
_SENTENCE = re.compile(
    r"(?<=[.;!?])\s+(?!(?:Y|N|S)\.)|\n|\N{BULLET}|\s(?=(?:and )?\(?[1-9][.)]\s)|(?=\bLicense Requirement)"
)
_FIELDS = ("minimum_requirements", "additional_information", "description", "preferred_skills")
_CITY = re.compile(
    r"^\W*(?:new york city|nyc)\s+residency\s+(?:is\s+)?required(?: for this position| for this title)?\W*$",
    re.IGNORECASE,
)
_STATE = re.compile(
    r"new york state residen(?:cy|ce) (?:is|are) required|must (?:reside|live) in new york state", re.IGNORECASE
)
_STATE_IN_TEXT = re.compile(r"new york state residen(?:cy|ce) (?:is|are) required", re.IGNORECASE)


def must_haves_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Answer the codes, in a fixed order."""
    found = {code for field in _FIELDS for code in _stated(str(row[field] or ""), field)}
    if "licence:cdl" in found:
        found.discard("licence:driver")  # who drives a lorry drives a car
    residency = str(row["residency"] or "")
    if _CITY.match(residency):
        found.add("residency:nyc")
    if _STATE.search(residency) or _STATE_IN_TEXT.search(str(row["minimum_requirements"] or "")):
        found.add("residency:nys")
    return tuple(sorted(found))


def _stated(text: str, field: str) -> Iterator[str]:
    is_minimum = field == "minimum_requirements"
    start = _start_of_alternatives(text) if is_minimum else len(text)
    for sentence in _SENTENCE.split(text[:start]):
        yield from _demanded(sentence, is_minimum=is_minimum)
    for sentence in _SENTENCE.split(text[start:]):
        if _FOR_ALL.search(sentence):
            yield from _demanded(sentence, is_minimum=is_minimum)


def _start_of_alternatives(text: str) -> int:
    """Answer where the first of several ways to qualify begins: what stands before it holds for all of them."""
    first = _ALTERNATIVE.search(text)
    if first is None:
        return len(text)
    if first["label"] is None:
        return first.start()
    before = chr(ord(first["label"].lower()) - 1)
    return max(0, *(text.lower().rfind(f"{before}{mark}", 0, first.start()) for mark in ".)"))


def _demanded(sentence: str, *, is_minimum: bool) -> Iterator[str]:
    if _EITHER_LICENCE.search(sentence):
        yield "licence:driver"
    if _SOFT.search(sentence) or not (_EXPLICIT.search(sentence) or (is_minimum and _LISTED.search(sentence))):
        return
    left = sentence
    for code, credential in _CREDENTIALS.items():
        if credential.search(left) and not (code == "licence:cdl" and _KEEPING_A_CDL.search(left)):
            yield code
        left = credential.sub(" ", left) if code == "licence:cdl" else left
