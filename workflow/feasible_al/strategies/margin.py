"""Margin between the two most probable classes (breaking ties)."""

import numpy as np

from feasible_al.strategies.base import PoolView, query_strategy


@query_strategy("margin", citation="Scheffer et al. (2001)")
def margin(view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """``-(p_1 - p_2)`` of the two largest probabilities, averaged over words when tagging; in [-1, 0]."""
    top = np.sort(np.exp(view.log_probabilities), axis=1)[:, -2:]
    return view.mean_over_units(top[:, 0] - top[:, 1])
