"""Bayesian active learning by disagreement (BALD), with dropout."""

import numpy as np

from feasible_al.strategies.base import PoolView, query_strategy


@query_strategy(
    "bald",
    version=2,
    needs=("mc_probabilities",),
    citation="Houlsby et al. (2011); with dropout as in Gal, Islam and Ghahramani (2017)",
)
def bald(view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """``H(mean_t p_t) - mean_t H(p_t)`` over passes t with dropout on, in nats; averaged over words.

    The mutual information of the label and the weights: 0 where all passes agree, at most ln classes.
    """
    passes = view.mc_log_probabilities
    mean, expected = np.zeros(passes.shape[1:]), np.zeros(passes.shape[1])
    for log_p in passes:  # one at a time: all passes in float64 would need much memory
        p = np.exp(log_p.astype(np.float64))
        mean += p / len(passes)
        expected += _entropy(p) / len(passes)
    return view.mean_over_units(_entropy(mean) - expected)


def _entropy(p: np.ndarray) -> np.ndarray:
    log_p = np.log(p, out=np.zeros_like(p), where=p > 0)
    entropy: np.ndarray = -(p * log_p).sum(axis=1)
    return entropy
