"""A request's filter over postings: keep what has one of the values, in every facet named."""

import re
from collections.abc import Mapping
from functools import reduce
from operator import or_

import numpy as np

from catalog.columns import EMPLOYMENT_BIT, SLOTS, WORKPLACE_CODE
from catalog.index import Catalog
from scorers.deeds import Ints
from scorers.policy import DAY_MS
from scorers.rules.case import Mask

_NAMES = {
    "employment_type": "employment", "employment_types": "employment", "employment": "employment", "job_type": "employment",
    "workplace": "workplace", "workplace_type": "workplace", "remote": "workplace",
    "place": "place", "location": "place", "city": "place", "locality": "place", "region": "region", "state": "region",
    "country": "region", "category": "category", "categories": "category", "department": "category", "employer": "employer",
    "company": "employer", "occupation": "occupation", "seniority": "seniority", "skill": "skill", "skills": "skill",
    "pay": "pay", "salary_min": "salary_min", "posted_within_days": "posted_within_days",
}  # fmt: skip
"""The facet that a filter of that name speaks about, in snake case; what is not here is not a facet of postings."""
_PLACES_LIMIT = 64


def filter_name(name: str) -> str | None:
    """Answer the facet of a filter's name as pages write it (`employmentType`), None when postings have none such."""
    return _NAMES.get(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower())


def codes_of_filter(facet: str, values: tuple[str, ...], catalog: Catalog) -> list[int]:
    """Answer the codes that meet a filter on a facet with codes."""
    match = catalog.dictionary.matching
    dimensions = ("place", "region") if facet == "place" else (facet,)
    return [code for dimension in dimensions for value in values for code in match(dimension, value)][:_PLACES_LIMIT]


def matching(rows: Ints, wanted: Mapping[str, tuple[str, ...]], catalog: Catalog, now: int) -> Mask:
    """Say which rows a filter keeps. A filter that postings do not have keeps nothing: better nothing than something else."""
    kept = np.ones(len(rows), np.bool_)
    for name, values in wanted.items():
        kept &= _meets(rows, filter_name(name), values, catalog, now)
    return kept


def _meets(rows: Ints, facet: str | None, values: tuple[str, ...], catalog: Catalog, now: int) -> Mask:
    columns = catalog.columns
    match facet:
        case None:
            return np.zeros(len(rows), np.bool_)
        case "employment":
            wanted = reduce(or_, (EMPLOYMENT_BIT.get(_coded(value), 0) for value in values), 0)
            kept: Mask = columns.employment[rows] & wanted != 0
            return kept
        case "workplace":
            codes = [WORKPLACE_CODE[name] for value in values if (name := _coded(value)) in WORKPLACE_CODE]
            return np.isin(columns.workplace[rows], codes)
        case "salary_min":
            paid = np.fmax(columns.pay_maximum[rows], columns.pay_minimum[rows])
            return np.asarray(paid >= min((float(value) for value in values if _is_number(value)), default=np.inf))
        case "posted_within_days":
            days = max((float(value) for value in values if _is_number(value)), default=-1.0)
            return np.asarray(columns.posted[rows] >= now - days * DAY_MS)
        case _:
            slots = [SLOTS["place"], SLOTS["region"]] if facet == "place" else [SLOTS[facet]]
            held = np.concatenate([columns.facets[rows, slot] for slot in slots], axis=1)
            return np.asarray(np.isin(held, codes_of_filter(facet, values, catalog)).any(axis=1))


def _coded(value: str) -> str:
    return value.strip().upper().replace("-", "_").replace(" ", "_")


def _is_number(value: str) -> bool:
    return re.fullmatch(r"\d{1,12}(\.\d+)?", value) is not None
