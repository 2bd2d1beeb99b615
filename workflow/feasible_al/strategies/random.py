"""Random sampling: no active learning at all, the baseline of every curve."""

import numpy as np

from feasible_al.strategies.base import PoolView, query_strategy


@query_strategy("random", needs=(), citation="paper, section 3.1")
def random(view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """Uniform scores, so that the query is a uniform sample without replacement.

    One number is drawn per candidate in the order of the ids, so the pool's order does not matter.
    """
    scores = np.empty(len(view))
    scores[np.argsort(view.ids)] = rng.random(len(view))
    return scores
