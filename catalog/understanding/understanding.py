"""Everything that understands words, read from the shipped tables once and handed on as one value."""

from dataclasses import dataclass

from catalog.text.vectors import shipped_vectors
from catalog.understanding.gazetteer import Gazetteer
from catalog.understanding.skills import SkillFinder, spellings_of
from catalog.understanding.tables import arrays, rows, skill_weights
from catalog.understanding.taxonomy import Match, Taxonomy, read_taxonomy
from catalog.understanding.wages import WageTable

LEAST_CONFIDENCE = 0.25
"""From this probability a mention of a skill counts: tuned on SkillSpan's dev and the CVs' training split."""


@dataclass(frozen=True, slots=True)
class Occupation:
    """What a title means: an O*NET occupation, an ESCO occupation, its ISCO-08 group; each None where unknown."""

    onet: Match | None
    esco: Match | None
    isco: str | None


@dataclass(frozen=True, slots=True)
class Understanding:
    """The tables. Nothing in them changes: threads and processes may share one."""

    onet: Taxonomy
    esco: Taxonomy
    skills: SkillFinder
    wages: WageTable
    gazetteer: Gazetteer

    def occupation(self, title: str) -> Occupation:
        esco = self.esco.best(title)
        return Occupation(self.onet.best(title), esco, None if esco is None else self.esco.parent(esco.code))


def read_understanding() -> Understanding:
    """Read the shipped tables: half a second and some 100 MB, so once a process and only where words are read."""
    spellings = spellings_of(rows("skills"))
    return Understanding(
        onet=read_taxonomy(arrays("onet"), shipped_vectors()),
        esco=read_taxonomy(arrays("esco")),
        skills=SkillFinder(spellings, skill_weights(), least=LEAST_CONFIDENCE),
        wages=WageTable(arrays("wages")),
        gazetteer=Gazetteer(rows("places")),
    )
