"""Must-haves: each rule says which postings may not be shown to whom. They hold on every rung, pins included."""

from scorers.rules.blocked import Blocked
from scorers.rules.case import Case, Rule, judge
from scorers.rules.eligibility import MustHaves, Regions
from scorers.rules.history import Applied, Dismissed
from scorers.rules.listing import Listed
from scorers.rules.pay import SalaryBand
from scorers.rules.wanted import EmploymentType, ExcludedEmployer, Place, Workplace

RULES: tuple[Rule, ...] = (
    Listed(), Blocked(), Applied(), Dismissed(),
    MustHaves(), Regions(), SalaryBand(), Place(), Workplace(), EmploymentType(), ExcludedEmployer(),
)  # fmt: skip
"""In this order: what several rules refuse is told under the first one's name."""

__all__ = ["RULES", "Case", "Rule", "judge"]
