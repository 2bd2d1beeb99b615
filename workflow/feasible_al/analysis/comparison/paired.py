"""What differences paired by seed can tell beside their interval: tests, effect sizes, seeds needed."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import special, stats

from feasible_al.analysis.intervals import RESAMPLES, ROUNDING, spread
from feasible_al.analysis.statistics import ALPHA, POWER

MOST_SEEDS = 1_000
LARGEST = 3.0  # effects beyond it need the fewest seeds there are, and defeat the solver


def permutation_p(values: Sequence[float]) -> float:
    """Two-sided p of a mean of 0, by changing signs: all of them up to 13 values, 9,999 draws above.

    NaN below two values. No p is smaller than :func:`smallest_p`.
    """
    if len(values) < 2:
        return math.nan
    found = stats.permutation_test(
        (np.round(np.asarray(values) / ROUNDING),),  # whole numbers, whose sums tie exactly
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


def fewest_seeds(tests: int) -> float:
    """Seeds below which none of so many permutation tests finds anything at 5% after Holm's correction."""
    enough = (count for count in range(2, MOST_SEEDS + 1) if tests * smallest_p(count) <= ALPHA)
    return next(enough, math.inf)


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
