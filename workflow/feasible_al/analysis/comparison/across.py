"""One answer from several datasets."""

import math
from collections.abc import Sequence

import numpy as np

from feasible_al.analysis.comparison.paired import permutation_p
from feasible_al.analysis.intervals import Interval, t_interval

FEWEST = 6
"""Datasets below which no test over datasets can give a p below 0.05: 2 · 2^-5 = 0.06."""


def across(samples: Sequence[Sequence[float]]) -> Interval:
    """Interval of the mean difference over datasets like these, from differences by dataset and seed.

    A hierarchical model in two stages: seeds vary within a dataset, the true difference between datasets. The
    mean of each dataset has both kinds of variation in it, so Student's t over these means is right whatever
    their shares are (Senn, 2010). No bounds below two datasets, nor for means that are all equal.
    """
    return t_interval(_means(samples))


def across_p(samples: Sequence[Sequence[float]]) -> float:
    """Two-sided p over datasets, by changing the signs of their means; NaN below six, where none can tell."""
    return permutation_p(_means(samples)) if len(samples) >= FEWEST else math.nan


def _means(samples: Sequence[Sequence[float]]) -> list[float]:
    return [float(np.mean(values)) for values in samples]
