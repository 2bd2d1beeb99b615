"""What differences paired by seed tell beside their verdict: p of sign changes, sizes, seeds needed."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import special

from feasible_al.analysis.intervals import ROUNDING, spread
from feasible_al.analysis.statistics import ALPHA, FEWEST, Finding, K, Sample, findings, seeds_for

TIE = 1e-9
"""Sums of scores that are nearer are equal: scores are multiples of 1/n only up to rounding."""
EXACT_TO, DRAWS = 20, 9_999


def permutation_p(values: Sequence[float]) -> float:
    """Two-sided p of a mean of 0, by changing signs: all of them up to 20 values, 9,999 draws above.

    It assumes no distribution, only that a difference is as likely as its negative. NaN below two values, and
    never smaller than :func:`smallest_p`.
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
    """The smallest p that the permutation test of ``count`` values can give; NaN below two."""
    if count < 2:
        return math.nan
    return 2.0 ** (1 - count) if count <= EXACT_TO else 1 / (DRAWS + 1)


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


def seeds_needed(values: Sequence[float], tests: int = 1) -> float:
    """How many seeds would settle it, were mean and spread as they are here.

    See :func:`feasible_al.analysis.statistics.seeds_for`; never fewer than a verdict takes. Infinite without
    a difference; NaN below two values.

    Args:
        values: one per seed.
        tests: in the family.
    """
    middle = spread(values)
    if middle.count < 2:
        return math.nan
    if middle.std <= ROUNDING:  # signs alone are counted, and the p of n equal ones is 2^(1 - n)
        return math.ceil(1 + math.log2(tests / ALPHA)) if abs(middle.mean) > ROUNDING else math.inf
    return seeds_for(abs(middle.mean) / middle.std, tests, FEWEST)


def across(samples: Mapping[K, Sequence[Sequence[float]]]) -> dict[K, Finding]:
    """Mean differences over datasets like these, from differences by dataset and seed; they are one family.

    A hierarchical model in two stages: seeds vary within a dataset, the true difference between datasets. The
    mean of each dataset has both kinds of variation in it, so Student's t over these means is right whatever
    their shares are (Senn, 2010).
    """
    return findings({name: Sample([float(np.mean(v)) for v in values]) for name, values in samples.items()})
