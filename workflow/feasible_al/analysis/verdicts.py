"""One test and one vocabulary for every verdict: t tests over seeds, with Holm's correction in a family."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from feasible_al.analysis.bounds import DIFFERENCE, Range, Side
from feasible_al.analysis.intervals import Interval, t_interval
from feasible_al.analysis.statistics import ALPHA, K, holm, p_values

FEWEST = 4
"""Seeds, or datasets, below which there is no verdict."""
TOO_FEW = (
    f"Below {FEWEST} seeds there is no verdict, only the numbers: what a t test of two or three values says "
    "hangs on an assumption, that they are normal, which so few cannot bear out."
)
TEST = (
    "Verdicts: paired t test over seeds at 5%, two-sided, after Holm's (1979) correction within the family; "
    "the 95% intervals are Student's, of one comparison each and not corrected."
)

Verdict = Literal["better", "worse", "equivalent", "undecided", "too few seeds"]
_WORDS: dict[Side, Verdict] = {"above": "better", "below": "worse", "within": "equivalent"}

ClaimVerdict = Literal["reproduced", "contradicted", "undecided", "not testable"]
CLAIM_VERDICTS: tuple[ClaimVerdict, ...] = get_args(ClaimVerdict)


@dataclass(frozen=True)
class Sample:
    """What is tested.

    Attributes:
        values: one per seed.
        side: where their mean may be claimed to lie; see :func:`feasible_al.analysis.statistics.p_values`.
        bound: of that side.
        possible: the least and the most that their mean can be.
    """

    values: Sequence[float]
    side: Side = "above"
    bound: float = 0.0
    possible: Range = DIFFERENCE


@dataclass(frozen=True)
class Finding:
    """What a family of tests says of one of its samples.

    Attributes:
        interval: mean and 95% t interval, not corrected.
        p: twice the smaller one-sided p value, of the side or of its contrary; NaN below ``FEWEST`` values.
        p_holm: after Holm's correction.
        tests: how many it was corrected for.
        lies: where the mean was found to lie; None if that is undecided, or was not tested.
    """

    interval: Interval
    p: float = math.nan
    p_holm: float = math.nan
    tests: int = 0
    lies: Side | None = None

    @property
    def tested(self) -> bool:
        """Whether there were seeds enough for a test."""
        return not math.isnan(self.p)

    @property
    def verdict(self) -> Verdict:
        """In the words for a difference."""
        if not self.tested:
            return "too few seeds"
        return _WORDS[self.lies] if self.lies else "undecided"

    def on(self, claimed: Side) -> ClaimVerdict:
        """In the words for a claim that the mean lies there."""
        if not self.tested:
            return "not testable"
        if self.lies is None:
            return "undecided"
        return "reproduced" if self.lies == claimed else "contradicted"


UNTESTED = Finding(t_interval([]))


def findings(family: Mapping[K, Sample]) -> dict[K, Finding]:
    """Test the samples of a family; those with fewer than ``FEWEST`` values neither are tested nor count."""
    one_sided = {
        name: p_values(sample.values, sample.side, sample.bound)
        for name, sample in family.items()
        if len(sample.values) >= FEWEST
    }
    p = {name: min(1.0, 2 * min(pair)) for name, pair in one_sided.items()}
    corrected = holm(p)
    found = {}
    for name, sample in family.items():
        interval = t_interval(sample.values, sample.possible)
        found[name] = Finding(interval)
        if name in p:
            inside, outside = one_sided[name]
            lies = _place(sample, interval.mean, inside < outside) if corrected[name] <= ALPHA else None
            found[name] = Finding(interval, p[name], corrected[name], len(p), lies)
    return found


def _place(sample: Sample, mean: float, claimed: bool) -> Side:
    """Where a mean lies for which one of the two p values is small."""
    if claimed:
        return sample.side
    return "above" if mean > (sample.bound if sample.side != "within" else 0.0) else "below"
