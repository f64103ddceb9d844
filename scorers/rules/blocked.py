"""What a colleague blocked for this person, for a segment of theirs, or for everybody."""

from scorers.rules.case import Case, Mask


class Blocked:
    """Blocked postings are not shown while the override lasts."""

    name = "blocked"

    def objections(self, case: Case) -> Mask | None:
        return case.jobs(lambda limits: limits.blocked)
