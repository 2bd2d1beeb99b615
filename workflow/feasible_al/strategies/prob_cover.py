"""ProbCover: the batch whose neighbourhoods cover most of the pool, chosen without uncertainty."""

from collections.abc import Iterator

import numpy as np

from feasible_al.strategies.base import PoolView, batch_strategy
from feasible_al.strategies.clusters import kmeans_clusters, unit_length
from feasible_al.strategies.coreset import nearest_squared

IMPURE = 20  # one ball in so many may contain two clusters: the paper's purity of 0.95
MOST_POINTS = 10_000
BLOCK = 1024  # points whose distances to candidates are in memory at once


@batch_strategy(
    "prob_cover",
    tasks=("classification",),
    needs=("probabilities", "embeddings", "labelled_embeddings"),
    citation="Yehuda et al. (2022), Algorithm 1",
)
def prob_cover(view: PoolView, rng: np.random.Generator) -> Iterator[int]:
    """Choose the candidate whose ball has the most points that no earlier ball covers; repeat.

    Labelled instances have balls too. Points are candidates and labelled instances, scaled to length 1, or
    10,000 of them, drawn at random. The radius (the paper's delta) is the largest at which 95% of the balls
    around points are pure: within one k-means cluster, of which there is one for each class. Ties are broken
    at random, also once everything is covered. The paper uses representations learned without labels; here
    they are the acquisition model's.
    """
    size, classes = len(view), view.log_probabilities.shape[1]
    candidates, labelled = unit_length(view.embeddings), unit_length(view.labelled_embeddings)
    points = np.concatenate([candidates, labelled])
    points = points[np.sort(rng.permutation(len(points))[:MOST_POINTS])]
    squared = _radius(points, classes, rng) ** 2
    covered = nearest_squared(points, labelled) < squared
    counts = _inside(candidates, points[~covered], squared)
    ties = rng.random(size)
    for _ in range(size):
        chosen = int(np.argmax(counts + ties))
        yield chosen
        counts[chosen] = -len(points)  # never again
        new = ~covered & (nearest_squared(points, candidates[chosen : chosen + 1]) < squared)
        counts -= _inside(candidates, points[new], squared)
        covered |= new


def _radius(points: np.ndarray, classes: int, rng: np.random.Generator) -> float:
    """The largest radius at which few enough balls are impure, and a thousandth less, for rounding."""
    labels, _ = kmeans_clusters(points, min(classes, len(points)), rng)
    nearest = np.full(len(points), np.inf)  # squared distance to another cluster
    for label in np.unique(labels):
        own = labels == label
        nearest[own] = nearest_squared(points[own], points[~own])
    impure = len(points) // IMPURE
    return 0.999 * float(np.sqrt(max(np.partition(nearest, impure)[impure], 0)))


def _inside(candidates: np.ndarray, points: np.ndarray, squared: float) -> np.ndarray:
    """int64[n]: how many of float32[m, size] points the ball of each of float32[n, size] candidates has."""
    counts = np.zeros(len(candidates), dtype=np.int64)
    norms = (candidates**2).sum(axis=1)
    for start in range(0, len(points), BLOCK):
        block = points[start : start + BLOCK]
        for first in range(0, len(candidates), BLOCK):
            part = slice(first, first + BLOCK)
            distances = (block**2).sum(axis=1) - 2 * (candidates[part] @ block.T)
            counts[part] += (distances < (squared - norms[part])[:, None]).sum(axis=1)
    return counts
