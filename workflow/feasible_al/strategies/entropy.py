"""Predictive entropy."""

import numpy as np
from scipy.special import entr

from feasible_al.strategies.base import PoolView, query_strategy


@query_strategy("entropy", citation="Settles and Craven (2008)")
def entropy(view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """``-sum_y p(y) log p(y)`` in nats, averaged over the words when tagging; in [0, ln classes]."""
    # entr is -p log p, and 0 at p = 0.
    return view.mean_over_units(entr(np.exp(view.log_probabilities)).sum(axis=1))
