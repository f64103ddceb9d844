"""O*NET's occupations as far as the sample's postings are of them: titles, tools, and how near two are to each other."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson

FILE = Path(__file__).parent / "data" / "onet.json.gz"
SAME = 1.0
NEAR: Mapping[str, float] = {"Primary-Short": 0.6, "Primary-Long": 0.45, "Supplemental": 0.3}
"""By O*NET's tiers of relatedness."""
SAME_GROUP = 0.2
"""Of one SOC minor group (the first four characters) and not related otherwise."""


@dataclass(frozen=True, slots=True)
class Occupation:
    code: str
    name: str
    titles: Sequence[str]
    technologies: Sequence[str]


@dataclass(frozen=True, slots=True)
class Occupations:
    """`of_posting` is each sample posting's occupation; what the engine sees of it are the posting's own words."""

    by_code: Mapping[str, Occupation]
    of_posting: Mapping[str, str]
    tiers: Mapping[tuple[str, str], str]

    def nearness(self, one: str, other: str) -> float:
        """Answer how near two occupations are, 0 to 1."""
        if one == other:
            return SAME
        tier = self.tiers.get((one, other))
        return NEAR[tier] if tier else SAME_GROUP * (one[:4] == other[:4])


@cache
def occupations() -> Occupations:
    """Read the shipped file."""
    body = orjson.loads(gzip.decompress(FILE.read_bytes()))
    by_code = {code: Occupation(code, **about) for code, about in body["occupations"].items()}
    return Occupations(by_code, body["postings"], {(one, other): tier for one, other, tier in body["related"]})
