"""Query the instances over whose classes the model's probability is spread most evenly."""

import numpy as np
from feasible_al.strategies import PoolView, query_strategy


@query_strategy("gini", citation="Gini impurity (Breiman et al., 1984) as an uncertainty")
def gini(view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """``1 - sum_y p(y)^2`` of each instance, averaged over the words when tagging."""
    probabilities = np.exp(view.log_probabilities)
    return view.mean_over_units(1 - (probabilities**2).sum(axis=1))
