"""Contrastive active learning (CAL): candidates predicted unlike labelled instances that are similar."""

import numpy as np

from feasible_al.strategies.base import PoolView, query_strategy

NEIGHBOURS = 10


@query_strategy(
    "cal",
    needs=("probabilities", "embeddings", "labelled_embeddings", "labelled_probabilities"),
    citation="Margatina et al. (2021), Algorithm 1",
)
def cal(view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """The mean of ``KL(p(neighbour) || p(candidate))`` over the 10 nearest labelled instances, in nats.

    Nearest by the Euclidean distance of embeddings. The paper has only texts; when tagging, p is the mean
    over an instance's words.
    """
    from sklearn.neighbors import NearestNeighbors  # slow to import, and validation must be fast

    known = view.labelled_probabilities
    nearest = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(known)), algorithm="brute")
    neighbours = nearest.fit(view.labelled_embeddings).kneighbors(view.embeddings, return_distance=False)
    log_p = view.log_probabilities
    if len(log_p) > len(view):
        log_p = _log(view.mean_over_units(np.exp(log_p)))
    negative_entropy = (known * _log(known)).sum(axis=1)
    total = np.zeros(len(view))
    for column in neighbours.T:  # one at a time: all of them at once would need much memory
        total += negative_entropy[column] - (known[column] * log_p).sum(axis=1)
    mean: np.ndarray = total / neighbours.shape[1]
    return mean


def _log(p: np.ndarray) -> np.ndarray:
    """Logarithms of probabilities; of the smallest positive float for 0."""
    log_p: np.ndarray = np.log(np.maximum(p, np.finfo(np.float32).tiny))
    return log_p
