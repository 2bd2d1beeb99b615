"""The tests behind verdicts: t tests over seeds, equivalence, Holm's correction, smallest effects."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from scipy import stats

from feasible_al.analysis.intervals import ROUNDING, spread

ALPHA, POWER = 0.05, 0.8
Side = Literal["above", "below", "within"]
"""Where a mean is claimed to lie: above or below a bound, or nearer to 0 than it."""


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


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p values (Holm, 1979): the smallest of m times m, the next times m - 1, never falling."""
    adjusted, largest = {}, 0.0
    for place, name in enumerate(sorted(p, key=p.__getitem__)):
        largest = max(largest, min(1.0, (len(p) - place) * p[name]))
        adjusted[name] = largest
    return adjusted


def smallest_effect(values: Sequence[float]) -> float:
    """How far from the bound a true mean must lie to be found, two-sided, with probability ``POWER``.

    ``(t(1 - ALPHA / 2, n - 1) + t(POWER, n - 1)) · s / √n``: an approximation to the noncentral t
    distribution, with the spread as estimated and without Holm's correction.
    """
    middle = spread(values)
    quantiles = stats.t.ppf([1 - ALPHA / 2, POWER], middle.count - 1)
    return float(quantiles.sum()) * middle.std / math.sqrt(middle.count)
