"""The tests behind verdicts: t tests over seeds, equivalence, Holm's correction, power."""

import math
from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from scipy import stats

from feasible_al.analysis.bounds import Side
from feasible_al.analysis.intervals import ROUNDING, spread

ALPHA, POWER = 0.05, 0.8
MOST_SEEDS = 1_000
K = TypeVar("K", bound=Hashable)


def p_values(values: Sequence[float], side: Side, bound: float) -> tuple[float, float]:
    """One-sided p values for the claim that a mean lies on a side of a bound, and for the contrary.

    ``within`` is tested by two one-sided tests (Schuirmann, 1987); its contrary, that the mean lies outside
    on either side, has twice the smaller p value of the two sides, at most 1.

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
    """p of Student's one-sample test for a mean above ``bound``; without spread, of the sign test."""
    middle = spread(values)
    if middle.std > ROUNDING:
        return float(stats.ttest_1samp(values, bound, alternative="greater").pvalue)
    return 0.5**middle.count if middle.mean - bound > ROUNDING else 1.0


def _less(values: Sequence[float], bound: float) -> float:
    return _greater([-value for value in values], -bound)


def holm(p: Mapping[K, float]) -> dict[K, float]:
    """Adjusted p values (Holm, 1979): the smallest of m times m, the next times m - 1, never falling."""
    adjusted, largest = {}, 0.0
    for place, name in enumerate(sorted(p, key=p.__getitem__)):
        largest = max(largest, min(1.0, (len(p) - place) * p[name]))
        adjusted[name] = largest
    return adjusted


def power(effect: float, seeds: int, tests: int = 1) -> float:
    """Probability that a t test at ``ALPHA / tests``, two-sided, finds an effect and its direction.

    The upper tail of the noncentral t distribution, as the mean of normal tails over equally likely values of
    the spread; scipy's own is NaN for large effects. Holm's correction asks this much of the first effect it
    finds and less of each further one, so the power behind it is no smaller.

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
    """How far from the bound a true mean must lie to be found, two-sided, with probability ``POWER``.

    ``(t(1 - ALPHA / m / 2, n - 1) + t(POWER, n - 1)) · s / √n`` with m tests in the family: an approximation
    to the noncentral t distribution, with the spread as estimated, at the first step of Holm's correction.
    """
    middle = spread(values)
    quantiles = stats.t.ppf([1 - ALPHA / tests / 2, POWER], middle.count - 1)
    return float(quantiles.sum()) * middle.std / math.sqrt(middle.count)
