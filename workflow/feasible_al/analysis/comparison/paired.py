"""What differences paired by seed can tell: intervals, permutation tests, effect sizes, seeds needed."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import special, stats

from feasible_al.analysis.intervals import LEVEL, ROUNDING, Interval, spread, t_interval
from feasible_al.analysis.statistics import ALPHA, POWER

BOOTSTRAP_FROM = 20
"""Seeds from which on intervals need not assume that differences are normal."""
RESAMPLES = 9_999
MOST_SEEDS = 1_000
LARGEST = 3.0  # effects beyond it need the fewest seeds there are, and defeat the solver


def interval(values: Sequence[float], level: float = LEVEL) -> Interval:
    """Confidence interval of the mean: Student's t below 20 values, the studentized bootstrap from there."""
    return t_interval(values, level) if len(values) < BOOTSTRAP_FROM else studentized(values, level)


def studentized(values: Sequence[float], level: float = LEVEL) -> Interval:
    """Bootstrap-t interval of the mean (Efron and Tibshirani, 1993, section 12.5); always the same draws.

    Student's t where a draw can have no spread, because nearly all values are equal.
    """
    middle = spread(values)
    draws = np.random.default_rng(0).choice(np.asarray(values), (RESAMPLES, middle.count))
    spreads = draws.std(axis=1, ddof=1)
    if spreads.min() <= ROUNDING:
        return t_interval(values, level)
    pivots = (draws.mean(axis=1) - middle.mean) / spreads
    low, high = np.quantile(pivots, [(1 - level) / 2, (1 + level) / 2]) * middle.std
    return Interval(middle.mean, float(middle.mean - high), float(middle.mean - low), middle.count)


def permutation_p(values: Sequence[float]) -> float:
    """Two-sided p of a mean of 0, by changing signs: all of them up to 13 values, 9,999 draws above.

    NaN below two values. No p is smaller than :func:`smallest_p`.
    """
    if len(values) < 2:
        return math.nan
    found = stats.permutation_test(
        (np.asarray(values),),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        rng=np.random.default_rng(0),
    )
    return float(found.pvalue)


def smallest_p(count: int) -> float:
    """The smallest p that the permutation test of ``count`` values can give; NaN below two."""
    return max(2.0 ** (1 - count), 2 / (RESAMPLES + 1)) if count > 1 else math.nan


def effect_size(values: Sequence[float]) -> float:
    """Mean over standard deviation of the differences, corrected for few of them (Hedges, 1981).

    NaN below three values, and without spread.
    """
    middle = spread(values)
    if middle.count < 3 or middle.std <= ROUNDING:
        return math.nan
    freedom = middle.count - 1
    correction = math.exp(special.gammaln(freedom / 2) - special.gammaln((freedom - 1) / 2))
    return correction / math.sqrt(freedom / 2) * middle.mean / middle.std


def seeds_needed(values: Sequence[float]) -> float:
    """How many seeds would settle it, were mean and spread as they are here.

    The fewest with which a paired t test at 5%, two-sided, finds the difference with a probability of 80%
    (noncentral t). Infinite beyond 1,000 and without a difference; NaN below two values.
    """
    from statsmodels.stats.power import TTestPower

    middle = spread(values)
    if middle.count < 2:
        return math.nan
    effect = (
        abs(middle.mean) / middle.std if middle.std > ROUNDING else LARGEST * (abs(middle.mean) > ROUNDING)
    )
    if effect * math.sqrt(MOST_SEEDS) < stats.norm.ppf(POWER):  # far beyond the most that is told
        return math.inf
    count = math.ceil(TTestPower().solve_power(min(effect, LARGEST), alpha=ALPHA, power=POWER))
    return count if count <= MOST_SEEDS else math.inf
