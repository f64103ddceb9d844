"""JSON Resume (version 1) read as a résumé: its members are believed, its prose is read, what is private is dropped."""

from collections.abc import Mapping
from typing import Any

from catalog.understanding.resume_dates import Period, period_in, period_of
from catalog.understanding.resume_private import without_private
from catalog.understanding.resume_work import Work, work_of
from catalog.understanding.resumes import CodedSkill, Resume, skills_in, years_of
from catalog.understanding.understanding import Understanding
from schemas.traits import is_denied

LIST_LIMIT = 50
TEXT_LIMIT = 5_000


def read_json_resume(document: Mapping[str, Any], understanding: Understanding, *, this_month: int) -> Resume:
    """Answer what the document says; members of other types than JSON Resume's are passed over."""
    dropped = _denied(document)
    work = tuple(_work(each, understanding, this_month) for each in _objects(document, "work"))
    lines, private = without_private(_prose(document).splitlines())
    for kind, count in private.items():
        dropped[kind] = dropped.get(kind, 0) + count
    basics = document.get("basics")
    location = basics.get("location") if isinstance(basics, Mapping) else None
    kept = (
        {name: _text(location, name) for name in ("city", "region", "countryCode")}
        if isinstance(location, Mapping)
        else {}
    )
    return Resume(
        skills=_skills(document, "\n".join(lines), understanding),
        work=work,
        education=tuple(
            {name: value for name in ("studyType", "area", "institution") if (value := _text(each, name))}
            for each in _objects(document, "education")
        ),
        certificates=tuple(name for each in _objects(document, "certificates") if (name := _text(each, "name"))),
        languages=tuple(name for each in _objects(document, "languages") if (name := _text(each, "language"))),
        location={name: value for name, value in kept.items() if value},
        years=years_of([each.period for each in work if each.period]),
        dropped=dropped,
    )


def _skills(document: Mapping[str, Any], prose: str, understanding: Understanding) -> tuple[CodedSkill, ...]:
    named = [
        name
        for each in _objects(document, "skills")
        for name in (_text(each, "name"), *_texts(each, "keywords"))
        if name
    ]
    stated = {skill.code: CodedSkill(skill, 1, skill.name) for skill in understanding.skills.coded(named)}
    for found in skills_in(prose, understanding):
        stated.setdefault(found.skill.code, found)
    return tuple(stated.values())


def _work(each: Mapping[str, Any], understanding: Understanding, this_month: int) -> Work:
    return work_of(
        _text(each, "position") or None, _text(each, "name") or None, _period(each, this_month), understanding
    )


def _period(each: Mapping[str, Any], this_month: int) -> Period | None:
    match = period_in(f"{_text(each, 'startDate')[:7]} to {_text(each, 'endDate')[:7] or 'present'}")
    return period_of(match, this_month) if match else None


def _prose(document: Mapping[str, Any]) -> str:
    parts = []
    for section in ("work", "projects", "volunteer", "education"):
        for each in _objects(document, section):
            parts += [
                _text(each, "summary"),
                _text(each, "description"),
                *_texts(each, "highlights"),
                *_texts(each, "keywords"),
            ]
    basics = document.get("basics")
    if isinstance(basics, Mapping):
        parts += [_text(basics, "label"), _text(basics, "summary")]
    return "\n".join(part for part in parts if part)


def _denied(value: object, depth: int = 0) -> dict[str, int]:
    """Count members whose name stands for something private, at any depth that JSON Resume has."""
    counts: dict[str, int] = {}
    if depth > 4:
        return counts
    entries = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    if isinstance(value, Mapping):
        for name in value:
            if is_denied(str(name)):
                counts[str(name)] = counts.get(str(name), 0) + 1
    for each in entries:
        for name, count in _denied(each, depth + 1).items():
            counts[name] = counts.get(name, 0) + count
    return counts


def _objects(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = document.get(name)
    return [each for each in value if isinstance(each, Mapping)][:LIST_LIMIT] if isinstance(value, list) else []


def _texts(each: Mapping[str, Any], name: str) -> list[str]:
    value = each.get(name)
    return (
        [text[:TEXT_LIMIT] for text in value if isinstance(text, str)][:LIST_LIMIT] if isinstance(value, list) else []
    )


def _text(each: Mapping[str, Any], name: str) -> str:
    value = each.get(name)
    return value[:TEXT_LIMIT] if isinstance(value, str) else ""
