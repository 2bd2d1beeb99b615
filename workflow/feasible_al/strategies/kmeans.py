"""k-means over embeddings: a diverse batch, chosen without uncertainty."""

from collections.abc import Iterator

import numpy as np

from feasible_al.strategies.base import PoolView, batch_strategy
from feasible_al.strategies.clusters import kmeans_clusters, unit_length


@batch_strategy("kmeans", needs=("embeddings",), citation="Yuan et al. (2020), there called FT-BERT-KM")
def kmeans(view: PoolView, rng: np.random.Generator) -> Iterator[int]:
    """Make as many clusters as the query has instances, and choose the candidate nearest to each centre.

    Embeddings are scaled to length 1. Large clusters come first. If a budget in tokens is not used up by
    then, each cluster's second nearest candidate follows, and so on.
    """
    points = unit_length(view.embeddings)
    labels, centres = kmeans_clusters(points, view.batch_size, rng)
    distances = ((points - centres[labels]) ** 2).sum(axis=1)
    sizes = np.bincount(labels)
    order = np.lexsort((distances, labels, -sizes[labels]))  # cluster after cluster, the nearest first
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    within = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    yield from order[np.argsort(within, kind="stable")].tolist()
