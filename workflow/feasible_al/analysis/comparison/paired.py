"""More on differences paired by seed: permutation p, effect size, seeds needed, several datasets."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import special

from feasible_al.analysis.intervals import ROUNDING, spread
from feasible_al.analysis.statistics import ALPHA, FEWEST, Finding, K, Sample, findings, seeds_for

TIE = 1e-9
"""Sums that differ by less are equal: scores are multiples of 1/n only up to rounding."""
EXACT_TO, DRAWS = 20, 9_999


def permutation_p(values: Sequence[float]) -> float:
    """Two-sided p of a mean of 0 by the sign-flip permutation test: exact to 20 values, else 9,999 draws.

    It assumes only that a difference is as likely as its negative. NaN for fewer than two values, and never
    smaller than :func:`smallest_p`.
    """
    if len(values) < 2:
        return math.nan
    if len(values) <= EXACT_TO:
        sums = np.array(values[:1])  # the other sign of the first mirrors them all
        for value in values[1:]:
            sums = np.concatenate([sums + value, sums - value])
    else:
        signs = np.random.default_rng(0).choice([-1.0, 1.0], (DRAWS, len(values)))
        sums = np.append(signs @ np.asarray(values), sum(values))  # what was seen is one of the draws
    return float(np.mean(np.abs(sums) >= abs(sum(values)) - TIE))


def smallest_p(count: int) -> float:
    """The smallest p that the permutation test of ``count`` values can give; NaN for fewer than two."""
    if count < 2:
        return math.nan
    return 2.0 ** (1 - count) if count <= EXACT_TO else 1 / (DRAWS + 1)


def effect_size(values: Sequence[float]) -> float:
    """Mean divided by standard deviation of the differences, corrected for small samples (Hedges, 1981).

    NaN for fewer than three values, or equal values.
    """
    middle = spread(values)
    if middle.count < 3 or middle.std <= ROUNDING:
        return math.nan
    freedom = middle.count - 1
    correction = math.exp(special.gammaln(freedom / 2) - special.gammaln((freedom - 1) / 2))
    return correction / math.sqrt(freedom / 2) * middle.mean / middle.std


def seeds_needed(values: Sequence[float], tests: int = 1) -> float:
    """The number of seeds that would decide a difference, if mean and spread stayed as they are.

    See :func:`feasible_al.analysis.statistics.seeds_for`; at least ``FEWEST``. Infinite if the mean is
    0; NaN for fewer than two values.

    Args:
        values: one per seed.
        tests: in the family.
    """
    middle = spread(values)
    if middle.count < 2:
        return math.nan
    if middle.std <= ROUNDING:  # the sign test: the p of n equal signs is 2^(1 - n)
        return math.ceil(1 + math.log2(tests / ALPHA)) if abs(middle.mean) > ROUNDING else math.inf
    return seeds_for(abs(middle.mean) / middle.std, tests, FEWEST)


def across(samples: Mapping[K, Sequence[Sequence[float]]]) -> dict[K, Finding]:
    """Test mean differences over datasets, given differences by dataset and seed; one family of tests.

    A hierarchical model: differences vary over the seeds of a dataset, and true differences over datasets.
    The mean of a dataset contains both kinds of variation, so Student's t test over these means is valid for
    any ratio of the two (Senn, 2010).
    """
    return findings({name: Sample([float(np.mean(v)) for v in values]) for name, values in samples.items()})
