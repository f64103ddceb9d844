"""The pay that a person asked for."""

import numpy as np

from scorers.rules.case import Case, Mask


class SalaryBand:
    """The most a posting pays a year must reach the stated minimum.

    Pay that is not told, or told in another currency, cannot be compared: `unknown_pay` decides.
    """

    name = "salary_band"

    def objections(self, case: Case) -> Mask | None:
        positions = case.concerned(lambda limits: limits.salary_min is not None)
        if positions is None:
            return None
        refused = case.none()
        person, row = case.person[positions], case.row[positions]
        columns, dictionary = case.catalog.columns, case.catalog.dictionary
        asked = case.numbers(lambda limits: limits.salary_min or 0.0)[person]
        wanted = case.numbers(lambda limits: dictionary.find("currency", limits.currency) if limits.currency else -1)[
            person
        ]
        paid = np.fmax(columns.pay_maximum[row], columns.pay_minimum[row])
        unknown = np.isnan(paid) | ((wanted >= 0) & (columns.currency[row] != wanted))
        refused[positions] = np.where(unknown, case.options.unknown_pay == "require", paid < asked)
        return refused
