"""Means over seeds with their spread, and intervals of paired differences."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.95
ROUNDING = 1e-12  # equal scores differ by what floats leave over


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
    """A mean with its confidence interval; the bounds are NaN below two values, which allow none."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def known(self) -> bool:
        """Whether there are bounds at all."""
        return self.count > 1

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
    """Student's t interval of the mean: mean ± t(level, n - 1) · std / √n."""
    middle = spread(values)
    if middle.count < 2:
        return Interval(middle.mean, math.nan, math.nan, middle.count)
    quantile = float(stats.t.ppf((1 + level) / 2, middle.count - 1))
    half = quantile * middle.std / math.sqrt(middle.count)
    return Interval(middle.mean, middle.mean - half, middle.mean + half, middle.count)


def paired_interval(
    first: Mapping[int, float], second: Mapping[int, float], level: float = LEVEL
) -> Interval:
    """t interval of ``first - second`` by seed, over the seeds that both have."""
    return t_interval([first[seed] - second[seed] for seed in sorted(first.keys() & second.keys())], level)
