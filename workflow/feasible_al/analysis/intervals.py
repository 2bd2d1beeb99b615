"""Means over seeds with their spread and their confidence intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.95
ROUNDING = 1e-12  # equal scores differ by what floats leave over
BOOTSTRAP_FROM = 20
"""Values from which on intervals need not assume that they are normal."""
RESAMPLES = 9_999


@dataclass(frozen=True)
class Spread:
    """A mean over seeds.

    Attributes:
        mean: NaN without values.
        std: sample standard deviation (ddof = 1); NaN below two values.
        count: number of values.
    """

    mean: float
    std: float
    count: int


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval; the bounds are NaN where the values allow none."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def known(self) -> bool:
        """Whether there are bounds at all."""
        return not math.isnan(self.low)

    @property
    def excludes_zero(self) -> bool:
        """Whether both bounds lie on one side of 0; never when there are none."""
        return self.low > ROUNDING or self.high < -ROUNDING


def spread(values: Sequence[float]) -> Spread:
    """Mean and sample standard deviation."""
    count = len(values)
    mean = float(np.mean(values)) if count else math.nan
    return Spread(mean, float(np.std(values, ddof=1)) if count > 1 else math.nan, count)


def t_interval(values: Sequence[float], level: float = LEVEL) -> Interval:
    """Student's t interval of the mean: mean ± t(level, n - 1) · std / √n.

    None below two values, and none for values without spread: a few test instances decide whether two seeds
    differ by the same amount, which says nothing about chance.
    """
    middle = spread(values)
    if middle.count < 2 or middle.std <= ROUNDING:
        return Interval(middle.mean, math.nan, math.nan, middle.count)
    quantile = float(stats.t.ppf((1 + level) / 2, middle.count - 1))
    half = quantile * middle.std / math.sqrt(middle.count)
    return Interval(middle.mean, middle.mean - half, middle.mean + half, middle.count)


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
