"""A row of the ledger: a claim and its verdict."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from feasible_al.analysis.intervals import Interval, p_value, with_bounds
from feasible_al.analysis.names import counted
from feasible_al.analysis.statistics import ClaimVerdict


def verdict_counts(ledger: Sequence["LedgerRow"]) -> str:
    """How many claims have which verdict, and which are contradicted, in words; empty without claims."""
    if not ledger:
        return ""
    counts = Counter(row.verdict for row in ledger)
    decided = counts["reproduced"] + counts["contradicted"]
    against = "; ".join(
        f"{row.says.rstrip('.')} ({row.dataset})" for row in ledger if row.verdict == "contradicted"
    )
    return (
        f"Of {counted(len(ledger), 'claim')}, {decided} are decided: {counts['reproduced']} reproduced, "
        f"{counts['contradicted']} contradicted. {counts['undecided']} are undecided, and "
        f"{counts['not testable']} could not be tested.{f' Contradicted: {against}.' if against else ''}"
    )


@dataclass(frozen=True)
class LedgerRow:
    """A row of the ledger; numbers are NaN where nothing could be tested.

    The names are those of the columns of ``claims.csv``; the config has ``statement`` for ``says`` and
    ``control`` for ``beyond``.

    Attributes:
        claim: its key in the config.
        says: the claim as a sentence.
        where: its place in the paper.
        beyond: whether it is a control, which the paper does not have.
        kind: of the claim.
        family: the claims whose tests are corrected together.
        dataset: labels of its datasets.
        quantity: what decides it, in words.
        margin: where the quantity must lie, in words.
        test: the test, in words.
        bound: the bound of the margin, as a number.
        estimate: its mean over seeds.
        low: lower end of the 95% t interval, not corrected, cut to possible values.
        high: its upper end.
        seeds: the number of seeds that could be used.
        test_set_error: standard error of a difference that is due to the choice of test instances.
        p: twice the smaller of the p values of the claim and of its contrary; at most 1.
        p_holm: the same after Holm's correction over the tested claims of the family.
        tests: the number of these claims.
        smallest_effect: see :func:`feasible_al.analysis.statistics.smallest_effect`.
        verdict: of this run.
        reason: why it is not judged, or remarks on the result.
        signed: whether the quantity may be negative; not in the file.
    """

    claim: str
    says: str
    where: str
    beyond: bool
    kind: str
    family: str
    dataset: str
    quantity: str
    margin: str
    test: str
    bound: float = math.nan
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    seeds: int = 0
    test_set_error: float = math.nan
    p: float = math.nan
    p_holm: float = math.nan
    tests: int = 0
    smallest_effect: float = math.nan
    verdict: ClaimVerdict = "not testable"
    reason: str = ""
    signed: bool = True

    @property
    def result(self) -> str:
        """The estimate with its interval, rounded; a difference has a sign."""
        text = with_bounds(Interval(self.estimate, self.low, self.high, self.seeds), 4)
        return f"{text if self.signed else text.replace('+', '')}, {counted(self.seeds, 'seed')}"

    @property
    def sampling(self) -> str:
        """The test set's standard error, rounded; empty where there is none."""
        return (
            "" if math.isnan(self.test_set_error) else f"test set: standard error {self.test_set_error:.4f}"
        )

    @property
    def chance(self) -> str:
        """The p values, rounded, and the family; empty without a test."""
        if not self.tests:
            return ""
        family = f"{counted(self.tests, 'test')} of {self.family}"
        return f"p {p_value(self.p)}, after Holm in {family} {p_value(self.p_holm)}"
