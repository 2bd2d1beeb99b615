"""Predictive entropy."""

import numpy as np

from feasible_al.strategies.base import PoolView, query_strategy


@query_strategy("entropy", citation="Settles and Craven (2008)")
def entropy(view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """``-sum_y p(y) log p(y)`` in nats, averaged over the words when tagging; in [0, ln classes]."""
    log_p = view.log_probabilities
    # p log p is 0 at p = 0, where log p is -inf.
    return view.mean_over_units(-(np.exp(log_p) * np.where(np.isneginf(log_p), 0.0, log_p)).sum(axis=1))
