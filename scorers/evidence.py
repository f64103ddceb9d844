"""What decisions were made from: the considered by score, best first, and whatever a rule refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.decision import Choice, Evidence
from scorers.content_evidence import content_evidence
from scorers.contents import ContentScores
from scorers.features import FEATURE_NAMES
from scorers.models import Model
from scorers.playlists import Scored
from scorers.rerank import keys_of, usable
from scorers.rules import Rule
from scorers.shortlist import Shortlist


@dataclass(frozen=True, slots=True)
class Witness:
    """What one batch was decided from.

    Names are read when somebody asks: a row's name stays as long as twenty thousand later postings have not left the catalogue.
    """

    scored: Scored
    listed: Shortlist
    rules: Sequence[Rule]
    contents: ContentScores | None
    model: Model

    def evidence(self, person: int, choices: Sequence[Choice]) -> Evidence:
        """Answer one person's, of whom these are the choices."""
        scored, listed, ids = self.scored, self.listed, self.scored.frame.crowd.catalog.ids
        mine = slice(scored.starts[person], scored.starts[person + 1])
        joined = scored.opinion.joined[mine]
        order = keys_of(usable(joined), scored.tie[mine]).argsort()
        refused = (listed.removed_person == person).nonzero()[0]
        removed = zip(listed.removed_row[refused].tolist(), listed.removed_by[refused].tolist(), strict=True)
        return Evidence(
            considered=tuple([ids[row] for row in scored.frame.row[mine][order].tolist()]),
            features=FEATURE_NAMES,
            matrix=scored.matrix[mine][order].tobytes(),
            scores=tuple(joined[order].tolist()),
            removed={ids[row]: self.rules[rule].name for row, rule in removed},
            fit_share=self.model.fit_share,
            consents=dict(scored.frame.crowd.queries[person].candidate.consents),
            contents=content_evidence(scored.frame.crowd, self.contents, person, choices) if self.contents else None,
        )
