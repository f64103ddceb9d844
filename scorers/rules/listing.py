"""A posting must be there, open and not past its end."""

from scorers.rules.case import Case, Mask


class Listed:
    """Closed, expired and deleted postings are never shown."""

    name = "closed"

    def objections(self, case: Case) -> Mask:
        columns = case.catalog.columns
        shown: Mask = columns.listed[case.row] & (columns.valid_through[case.row] > case.now)
        return ~shown
