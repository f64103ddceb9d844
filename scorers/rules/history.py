"""What a person is done with."""

from scorers.rules.case import Case, Mask


class Applied:
    """A job somebody applied for is not offered again, whatever came of it."""

    name = "applied"

    def objections(self, case: Case) -> Mask | None:
        return case.jobs(lambda limits: limits.applied)


class Dismissed:
    """A skipped job stays away until the person takes the skip back."""

    name = "dismissed"

    def objections(self, case: Case) -> Mask | None:
        return case.jobs(lambda limits: limits.dismissed)
