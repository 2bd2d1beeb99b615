"""Cluster-Margin: uncertain candidates of as many clusters as possible."""

from collections.abc import Iterator

import numpy as np

from feasible_al.strategies.base import PoolView, batch_strategy
from feasible_al.strategies.margin import margin

UNCERTAIN = 10  # times the batch: the candidates that are chosen from
PER_CLUSTER = 10  # candidates of a cluster, on average
MOST_CLUSTERED = 4000  # their distances take 64 MB


@batch_strategy(
    "cluster_margin",
    needs=("probabilities", "embeddings"),
    citation="Citovsky et al. (2021), Algorithms 1 and 2",
)
def cluster_margin(view: PoolView, rng: np.random.Generator) -> Iterator[int]:
    """Take candidates with small margins from their clusters in turn, the smallest cluster first.

    It chooses from the candidates with the smallest margins, ten times as many as it queries, or 4,000.
    Clusters are those of average linkage over the pool, of ten candidates on average. A cluster's size counts
    those it can be chosen from; each turn draws one of them at random. Of a pool of more than 4,000, the
    uncertain candidates and others drawn at random make the clusters. The paper makes clusters once, before
    the first query; here they are new at each, as the acquisition model's embeddings are. Other candidates
    follow by margin.
    """
    scores = margin(view, rng)
    ranked = np.lexsort((rng.random(len(view)), -scores))
    count = min(UNCERTAIN * view.batch_size, MOST_CLUSTERED)
    uncertain, rest = ranked[:count], ranked[count:]
    others = rng.permutation(rest)[: MOST_CLUSTERED - count]
    clustered = np.concatenate([uncertain, others])
    labels = _average_linkage(view.embeddings[clustered])[: len(uncertain)]
    sizes = np.bincount(labels)
    order = np.lexsort((rng.random(len(uncertain)), labels, sizes[labels]))  # cluster after cluster
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    turns = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    yield from uncertain[order[np.argsort(turns, kind="stable")]].tolist()
    yield from rest.tolist()


def _average_linkage(points: np.ndarray) -> np.ndarray:
    """int64[n]: the cluster of each of float32[n, size] points, by Euclidean distances."""
    from sklearn.cluster import AgglomerativeClustering  # slow to import, and validation must be fast

    count = -(-len(points) // PER_CLUSTER)
    if len(points) == 1:
        return np.zeros(1, dtype=np.int64)
    labels: np.ndarray = AgglomerativeClustering(count, linkage="average").fit_predict(points)
    return labels
