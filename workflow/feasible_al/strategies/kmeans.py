"""k-means over embeddings: a diverse batch, chosen without uncertainty."""

import warnings
from collections.abc import Iterator

import numpy as np

from feasible_al.strategies.base import PoolView, batch_strategy

ITERATIONS = 10  # of Lloyd's algorithm; centres hardly move after that


@batch_strategy("kmeans", needs=("embeddings",), citation="Yuan et al. (2020), there called FT-BERT-KM")
def kmeans(view: PoolView, rng: np.random.Generator) -> Iterator[int]:
    """Make as many clusters as the query has instances, and choose the candidate nearest to each centre.

    Embeddings are scaled to length 1. Large clusters come first. If a budget in tokens is not used up by
    then, each cluster's second nearest candidate follows, and so on.
    """
    from sklearn.cluster import KMeans  # slow to import, and validation must be fast
    from sklearn.exceptions import ConvergenceWarning

    lengths = np.linalg.norm(view.embeddings, axis=1, keepdims=True)
    points = view.embeddings / np.where(lengths > 0, lengths, 1)
    found = KMeans(view.batch_size, n_init=1, max_iter=ITERATIONS, random_state=int(rng.integers(2**31)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct points than clusters
        labels = found.fit_predict(points)
    distances = ((points - found.cluster_centers_[labels]) ** 2).sum(axis=1)
    sizes = np.bincount(labels)
    order = np.lexsort((distances, labels, -sizes[labels]))  # cluster after cluster, the nearest first
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    within = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    yield from order[np.argsort(within, kind="stable")].tolist()
