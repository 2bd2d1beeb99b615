"""Tests over seeds and their verdicts: t tests, equivalence, Holm's correction, power."""

import math
from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import numpy as np
from scipy import stats

from feasible_al.analysis.bounds import DIFFERENCE, Range, Side
from feasible_al.analysis.intervals import ROUNDING, Interval, spread, t_interval

ALPHA, POWER = 0.05, 0.8
MOST_SEEDS = 1_000
K = TypeVar("K", bound=Hashable)
FEWEST = 4
"""Seeds, or datasets, below which there is no verdict."""
TOO_FEW = (
    f"With fewer than {FEWEST} seeds there are numbers but no verdict: a t test assumes that the values are "
    "normally distributed, which two or three values cannot show."
)
TEST = (
    "Verdicts come from a paired, two-sided t test over seeds at 5%, after Holm's (1979) correction within "
    "the family. Each 95% interval is Student's t interval of one comparison, without that correction."
)

Verdict = Literal["better", "worse", "equivalent", "undecided", "too few seeds"]
_WORDS: dict[Side, Verdict] = {"above": "better", "below": "worse", "within": "equivalent"}

ClaimVerdict = Literal["reproduced", "contradicted", "undecided", "not testable"]
CLAIM_VERDICTS: tuple[ClaimVerdict, ...] = get_args(ClaimVerdict)


def p_values(values: Sequence[float], side: Side, bound: float) -> tuple[float, float]:
    """One-sided p values of two hypotheses: the mean lies on a side of a bound, and the contrary.

    ``within`` is tested by two one-sided tests (Schuirmann, 1987). The p value of its contrary, that the mean
    lies outside on either side, is twice the smaller p value of the two sides, at most 1.

    Args:
        values: at least two, one per seed.
        side: where the mean is claimed to lie.
        bound: a positive half-width when ``side`` is ``within``.
    """
    if side == "above":
        return _greater(values, bound), _less(values, bound)
    if side == "below":
        return _less(values, bound), _greater(values, bound)
    inside = max(_greater(values, -bound), _less(values, bound))
    outside = 2 * min(_greater(values, bound), _less(values, -bound))
    return inside, min(1.0, outside)


def _greater(values: Sequence[float], bound: float) -> float:
    """p of Student's one-sample test for a mean above ``bound``; of the sign test if all values are equal."""
    middle = spread(values)
    if middle.std > ROUNDING:
        return float(stats.ttest_1samp(values, bound, alternative="greater").pvalue)
    return 0.5**middle.count if middle.mean - bound > ROUNDING else 1.0


def _less(values: Sequence[float], bound: float) -> float:
    return _greater([-value for value in values], -bound)


def holm(p: Mapping[K, float]) -> dict[K, float]:
    """Adjusted p values (Holm, 1979).

    The smallest of m is multiplied by m, the next by m - 1, and so on; none is below an earlier one.
    """
    adjusted, largest = {}, 0.0
    for place, name in enumerate(sorted(p, key=p.__getitem__)):
        largest = max(largest, min(1.0, (len(p) - place) * p[name]))
        adjusted[name] = largest
    return adjusted


def power(effect: float, seeds: int, tests: int = 1) -> float:
    """Probability that a t test at ``ALPHA / tests``, two-sided, finds an effect and its direction.

    The upper tail of the noncentral t distribution, computed as the mean of normal tails over equally likely
    values of the spread, because scipy's own is NaN for large effects. ``ALPHA / tests`` is the level of the
    first step of Holm's correction; later steps are less strict, so the true power is at least this.

    Args:
        effect: the true mean in standard deviations of the differences between seeds.
        seeds: at least two.
        tests: in the family.
    """
    freedom = seeds - 1
    needed = stats.t.isf(ALPHA / tests / 2, freedom)
    spreads = np.sqrt(stats.chi2.ppf((np.arange(4000) + 0.5) / 4000, freedom) / freedom)
    return float(stats.norm.sf(needed * spreads - effect * math.sqrt(seeds)).mean())


def seeds_for(effect: float, tests: int = 1, fewest: int = 2) -> float:
    """The fewest seeds with a :func:`power` of ``POWER``; infinite beyond ``MOST_SEEDS``."""
    found = bisect_left(range(MOST_SEEDS + 1), POWER, lo=fewest, key=lambda n: power(effect, n, tests))
    return found if found <= MOST_SEEDS else math.inf


def smallest_effect(values: Sequence[float], tests: int = 1) -> float:
    """The distance of a true mean from the bound that a two-sided test finds with probability ``POWER``.

    ``(t(1 - ALPHA / m / 2, n - 1) + t(POWER, n - 1)) · s / √n`` with m tests in the family and the estimated
    spread s: an approximation to the noncentral t distribution, at the first step of Holm's correction.
    """
    middle = spread(values)
    quantiles = stats.t.ppf([1 - ALPHA / tests / 2, POWER], middle.count - 1)
    return float(quantiles.sum()) * middle.std / math.sqrt(middle.count)


@dataclass(frozen=True)
class Sample:
    """What is tested.

    Attributes:
        values: one per seed.
        side: where their mean is claimed to lie; see :func:`p_values`.
        bound: of that side.
        possible: the smallest and the largest possible mean.
    """

    values: Sequence[float]
    side: Side = "above"
    bound: float = 0.0
    possible: Range = DIFFERENCE


@dataclass(frozen=True)
class Finding:
    """The result of the test of one sample of a family.

    Attributes:
        interval: mean and 95% t interval, not corrected.
        p: twice the smaller of the p values of the side and of its contrary; NaN below ``FEWEST`` values.
        p_holm: after Holm's correction.
        tests: the number of tests that it was corrected for.
        lies: where the mean lies according to the test; None if undecided or not tested.
    """

    interval: Interval
    p: float = math.nan
    p_holm: float = math.nan
    tests: int = 0
    lies: Side | None = None

    @property
    def tested(self) -> bool:
        """Whether there were enough seeds for a test."""
        return not math.isnan(self.p)

    @property
    def verdict(self) -> Verdict:
        """The verdict on a difference from 0."""
        if not self.tested:
            return "too few seeds"
        return _WORDS[self.lies] if self.lies else "undecided"

    def on(self, claimed: Side) -> ClaimVerdict:
        """The verdict on the claim that the mean lies on that side."""
        if not self.tested:
            return "not testable"
        if self.lies is None:
            return "undecided"
        return "reproduced" if self.lies == claimed else "contradicted"


UNTESTED = Finding(t_interval([]))


def findings(family: Mapping[K, Sample]) -> dict[K, Finding]:
    """Test the samples of a family; those with fewer than ``FEWEST`` values only get an interval."""
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
    """Where the mean lies, given which of the two hypotheses has the smaller p."""
    if claimed:
        return sample.side
    return "above" if mean > (sample.bound if sample.side != "within" else 0.0) else "below"
