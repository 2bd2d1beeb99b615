"""Least confidence (LC) for classification."""

import numpy as np

from feasible_al.strategies.base import PoolView, query_strategy


@query_strategy(
    "least_confidence", tasks=("classification",), citation="Lewis and Gale (1994); paper, section 3.1"
)
def least_confidence(view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """``1 - max_y p(y|x)``, in [0, 1 - 1/classes].

    Computed as ``-expm1(log p)``, which keeps the order of candidates whose probability is close to 1.
    """
    return view.mean_over_units(-np.expm1(view.log_probabilities.max(axis=1)))
