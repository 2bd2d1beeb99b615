"""Predictive entropy."""

import numpy as np

from feasible_al.strategies.base import PoolView, query_strategy


@query_strategy("entropy", citation="Settles and Craven (2008)")
def entropy(view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """``-sum_y p(y) log p(y)`` in nats, averaged over the words when tagging; in [0, ln classes]."""
    log_p = view.log_probabilities
    p = np.exp(log_p)
    # p log p is 0 where p underflows, whatever log p says.
    return view.mean_over_units(-np.where(p > 0, p * log_p, 0.0).sum(axis=1))
