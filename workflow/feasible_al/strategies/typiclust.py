"""TypiClust: typical candidates of regions without labels, chosen without uncertainty."""

import heapq
from collections.abc import Iterator

import numpy as np

from feasible_al.strategies.base import PoolView, batch_strategy
from feasible_al.strategies.clusters import kmeans_clusters, unit_length

NEIGHBOURS = 20
MOST_CLUSTERS = 500


@batch_strategy(
    "typiclust",
    needs=("embeddings", "labelled_embeddings"),
    citation="Hacohen et al. (2022), Algorithm 1",
)
def typiclust(view: PoolView, rng: np.random.Generator) -> Iterator[int]:
    """Choose the most typical candidate of the largest cluster with the fewest labels; repeat.

    There are as many clusters as labelled and queried instances together, at most 500, over candidates and
    labelled instances scaled to length 1. Typicality is the inverse of the mean distance to the 20 nearest
    neighbours in the cluster. The paper clusters representations learned without labels; here they are the
    acquisition model's.
    """
    size = len(view)
    points = unit_length(np.concatenate([view.embeddings, view.labelled_embeddings]))
    count = min(len(points) - size + view.batch_size, MOST_CLUSTERS)
    labels, _ = kmeans_clusters(points, count, rng)
    covered, sizes = np.bincount(labels[size:], minlength=count), np.bincount(labels, minlength=count)
    waiting = [(int(covered[each]), -int(sizes[each]), each) for each in range(count)]
    heapq.heapify(waiting)
    typical: dict[int, Iterator[int]] = {}
    while waiting:
        labelled, order, cluster = heapq.heappop(waiting)
        if cluster not in typical:
            members = np.flatnonzero(labels == cluster)
            ranked = members[np.argsort(_mean_distances(points[members]), kind="stable")]
            typical[cluster] = iter(ranked[ranked < size].tolist())
        chosen = next(typical[cluster], None)
        if chosen is not None:
            yield chosen
            heapq.heappush(waiting, (labelled + 1, order, cluster))


def _mean_distances(points: np.ndarray) -> np.ndarray:
    """float64[n]: the mean distance of each point to its nearest others."""
    from sklearn.neighbors import NearestNeighbors  # slow to import, and validation must be fast

    neighbours = min(NEIGHBOURS, len(points) - 1)
    if neighbours <= 0:
        return np.zeros(len(points))
    found = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(points)
    means: np.ndarray = found.kneighbors()[0].mean(axis=1)  # without the point itself
    return means
