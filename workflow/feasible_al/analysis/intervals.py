"""Means over seeds with their spread and their confidence intervals, as numbers and as text."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from feasible_al.analysis.bounds import ANY, Range

LEVEL = 0.95
ROUNDING = 1e-12  # smaller differences are rounding errors of floats
ABOUT_SEEDS = (
    "Intervals and tests describe variation over seeds: other first labels, initial weights and orders of "
    "training, on one and the same test set."
)


ABSENT = "n/a"
FIXED = "\N{NO-BREAK SPACE}"
SMALLEST_P = 1e-4  # that four decimals show


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
    """A mean with its confidence interval; the bounds are NaN if there is no interval."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return not math.isnan(self.low)


def spread(values: Sequence[float]) -> Spread:
    """Mean and sample standard deviation."""
    count = len(values)
    mean = float(np.mean(values)) if count else math.nan
    return Spread(mean, float(np.std(values, ddof=1)) if count > 1 else math.nan, count)


def t_interval(values: Sequence[float], possible: Range = ANY) -> Interval:
    """Student's t interval of the mean: mean ± t(``LEVEL``, n - 1) · std / √n, cut to what is possible.

    The cut does not change how often an interval contains the true mean. There is no interval for fewer than
    two values, nor for equal values: whether two differences are equal depends on a few test instances,
    and says nothing about chance.

    Args:
        values: one per seed.
        possible: the smallest and the largest possible mean.
    """
    middle = spread(values)
    if middle.count < 2 or middle.std <= ROUNDING:
        return Interval(middle.mean, math.nan, math.nan, middle.count)
    half = float(stats.t.ppf((1 + LEVEL) / 2, middle.count - 1)) * middle.std / math.sqrt(middle.count)
    low, high = possible
    return Interval(middle.mean, max(low, middle.mean - half), min(high, middle.mean + half), middle.count)


def plus_minus(value: Spread, decimals: int) -> str:
    """``mean ± std``; the mean alone for one value, "n/a" for none."""
    if math.isnan(value.mean):
        return ABSENT
    std = "" if math.isnan(value.std) else f"{FIXED}±{FIXED}{value.std:,.{decimals}f}"
    return f"{value.mean:,.{decimals}f}{std}"


def with_bounds(interval: Interval, decimals: int) -> str:
    """``+0.012 [-0.003, +0.027]``; the mean alone without an interval, "n/a" without a value."""
    return _bounded(interval, lambda value: signed(value, decimals))


def unsigned(interval: Interval, decimals: int) -> str:
    """``0.812 [0.797, 0.827]``; the mean alone without an interval, "n/a" without a value."""
    return _bounded(interval, lambda value: number(value, decimals))


def _bounded(interval: Interval, shown: Callable[[float], str]) -> str:
    if not interval.known:
        return shown(interval.mean)
    return f"{shown(interval.mean)} [{shown(interval.low)},{FIXED}{shown(interval.high)}]"


def signed(value: float, decimals: int) -> str:
    """``+0.012``; "n/a" for NaN."""
    if math.isnan(value):
        return ABSENT
    return f"{round(value, decimals) + 0.0:+,.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def p_value(p: float) -> str:
    """``= 0.0123``, or ``< 0.0001``."""
    return f"= {p:.4f}" if p >= SMALLEST_P else f"< {SMALLEST_P}"


def shown_p(p: float) -> str:
    """``0.0123``, or ``< 0.0001``; "n/a" for NaN."""
    return ABSENT if math.isnan(p) else p_value(p).removeprefix("= ")


def number(value: float, decimals: int) -> str:
    """A number rounded, "n/a" for NaN."""
    return ABSENT if math.isnan(value) else f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
