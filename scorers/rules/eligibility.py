"""What the law or the employer demands of whoever applies."""

import numpy as np

from catalog.dictionary import NOTHING
from scorers.limits import Limits
from scorers.rules.case import Case, Mask


class MustHaves:
    """Licences, residency, languages: all that a posting demands must be among the credentials that the person stated.

    Who stated no credentials was not asked: `unknown_credentials: warn` shows the posting with the reason `must_have_unconfirmed`,
    `require` refuses it.
    """

    name = "must_haves"

    def objections(self, case: Case) -> Mask | None:
        asked = [bool(limits.credentials) for limits in case.limits]
        if not any(asked) and case.options.unknown_credentials != "require":
            return None
        demanding = np.flatnonzero(case.catalog.columns.must_haves[case.row, 0] != NOTHING)
        if not len(demanding):
            return None
        refused = case.none()
        was_asked = np.array(asked)[case.person[demanding]]
        if case.options.unknown_credentials == "require":
            refused[demanding[~was_asked]] = True
        checked = demanding[was_asked]
        demands = case.catalog.columns.must_haves[case.row[checked]]
        find = case.catalog.dictionary.find

        def held(limits: Limits) -> list[int]:
            return [code for credential in limits.credentials if (code := find("must_have", credential.casefold()))]

        met = case.are_pairs(checked, demands, held) | (demands == NOTHING)
        refused[checked] = ~met.all(axis=1)
        return refused


class Regions:
    """A posting that takes applicants of some regions only is for people who said that they are there.

    Who did not say passes under `unknown_region: warn`.
    """

    name = "applicant_region"

    def objections(self, case: Case) -> Mask | None:
        told = [bool(limits.regions) for limits in case.limits]
        if not any(told) and case.options.unknown_region != "require":
            return None
        bound = np.flatnonzero(case.catalog.columns.regions[case.row, 0] != NOTHING)
        if not len(bound):
            return None
        refused = case.none()
        has_told = np.array(told)[case.person[bound]]
        if case.options.unknown_region == "require":
            refused[bound[~has_told]] = True
        checked = bound[has_told]
        find = case.catalog.dictionary.find

        def homes(limits: Limits) -> list[int]:
            return [code for region in limits.regions if (code := find("applicant_region", region))]

        refused[checked] = ~case.are_pairs(checked, case.catalog.columns.regions[case.row[checked]], homes).any(axis=1)
        return refused
