"""Which members of a message name or describe a person, so that they are sealed before anything is kept.

Behaviour carries a pseudonym alone; these fields are what would turn it into somebody. They are declared here once: the collector
seals them, the reference of what is held is made from them, and nothing that decides reads them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from schemas.messages import Message

E_MAIL = "e-mail address"
IDENTIFYING: Mapping[str, str] = {
    "email": E_MAIL, "emailaddress": E_MAIL, "mail": E_MAIL,
    "phone": "telephone", "phonenumber": "telephone", "mobile": "telephone", "mobilephone": "telephone", "fax": "telephone",
    "firstname": "name", "lastname": "name", "middlename": "name", "fullname": "name", "surname": "name",
    "givenname": "name", "familyname": "name", "displayname": "name", "username": "name", "nickname": "name",
    "street": "address", "streetaddress": "address", "addressline1": "address", "addressline2": "address", "line1": "address",
    "line2": "address", "housenumber": "address", "postalcode": "address", "postcode": "address", "zip": "address",
    "zipcode": "address", "ssn": "official number", "socialsecuritynumber": "official number", "taxid": "official number",
    "passport": "official number", "nationalid": "official number", "iban": "bank account",
    "linkedin": "public profile", "linkedinurl": "public profile", "twitter": "public profile", "github": "public profile",
    "skype": "public profile", "coverletter": "free text", "resumetext": "free text", "motivation": "free text",
    "biography": "free text",
}  # fmt: skip
"""Sealed wherever they stand. Names without case, spaces, hyphens or underscores, and what each is."""
IN_TRAITS: Mapping[str, str] = {
    "name": "name", "address": "address", "website": "public profile", "url": "public profile", "bio": "free text",
    "about": "free text", "summary": "free text", "description": "free text", "notes": "free text", "note": "free text",
    "message": "free text", "comment": "free text", "comments": "free text",
}  # fmt: skip
"""Sealed among traits only: of a page or an event these names say nothing about a person. An address that is an object
keeps its place clear (country, region, city), for the law of a region is a must-have; what is under it is judged by name."""
LIMIT = 150
"""Bytes of a sealed text: its seal then fits the largest value that a profile keeps. Longer text is not for this engine."""
SEALED = "sealed.1."
"""How a sealed value begins."""

Seal = Callable[[str, bytes], str]
"""Seals a field's value: the field's plain name, the value as JSON."""


def plain_name(name: str) -> str:
    """Answer the name by which a field is known, however it is spelt."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


def has_personal(message: Message) -> bool:
    """Say whether anything in the message has to be sealed."""
    traits = message.context.get("traits")
    return (
        _has_personal(message.traits, traits=True)
        or _has_personal(message.properties, traits=False)
        or (isinstance(traits, dict) and _has_personal(traits, traits=True))
        or _is_personal_preference(message)
    )


def sealed(message: Message, seal: Seal) -> Message:
    """Answer the message with each personal member sealed; what is too long to keep is dropped."""
    context = message.context
    if isinstance(traits := context.get("traits"), dict):
        context = {**context, "traits": _sealed(traits, seal, traits=True)}
    properties = _sealed(message.properties, seal, traits=False)
    if _is_personal_preference(message):
        properties = {**properties, "value": _seal_one(plain_name(str(properties["key"])), properties["value"], seal)}
    return replace(message, traits=_sealed(message.traits, seal, traits=True), properties=properties, context=context)


def redacted(raw: object) -> object:
    """Answer what a sender wrote as it may be kept where nobody can unseal it: without any personal member."""
    if isinstance(raw, dict):
        return {name: _redacted_member(name, value) for name, value in raw.items()}
    return [redacted(each) for each in raw] if isinstance(raw, list) else raw


def hidden(value: Any) -> Any:
    """Answer what is held with null in the place of whatever is sealed."""
    if isinstance(value, dict):
        return {name: hidden(inner) for name, inner in value.items()}
    return None if is_sealed(value) else value


def is_sealed(value: object) -> bool:
    return isinstance(value, str) and value.startswith(SEALED)


def _redacted_member(name: object, value: object) -> object:
    plain = plain_name(str(name))
    if plain in IDENTIFYING:
        return None
    if plain == "traits" and isinstance(value, dict):
        return {inner: None if _is_personal(inner, one, traits=True) else redacted(one) for inner, one in value.items()}
    return redacted(value)


def _sealed(members: Mapping[str, Any], seal: Seal, *, traits: bool) -> dict[str, Any]:
    return {
        name: _seal_one(plain_name(name), value, seal)
        if _is_personal(name, value, traits=traits)
        else _inside(value, seal)
        for name, value in members.items()
    }


def _inside(value: Any, seal: Seal) -> Any:
    if isinstance(value, dict):
        return _sealed(value, seal, traits=False)
    return [_inside(each, seal) for each in value] if isinstance(value, list) else value


def _seal_one(field: str, value: Any, seal: Seal) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        value = value.encode("utf-8", "replace")[:LIMIT].decode("utf-8", "ignore")
    encoded = orjson.dumps(value)
    return seal(field, encoded) if len(encoded) <= LIMIT + 2 else None


def _is_personal(name: str, value: Any, *, traits: bool) -> bool:
    plain = plain_name(name)
    if plain == "address" and isinstance(value, dict):
        return False
    return plain in IDENTIFYING or (traits and plain in IN_TRAITS)


def _is_personal_preference(message: Message) -> bool:
    if (message.event or "").strip().lower() != "preference set" or message.properties.get("value") is None:
        return False
    plain = plain_name(str(message.properties.get("key", "")))
    return plain in IDENTIFYING or plain in IN_TRAITS


def _has_personal(value: Any, *, traits: bool) -> bool:
    if isinstance(value, dict):
        return any(
            _is_personal(name, member, traits=traits) or _has_personal(member, traits=False)
            for name, member in value.items()
        )
    return isinstance(value, list) and any(_has_personal(each, traits=False) for each in value)
