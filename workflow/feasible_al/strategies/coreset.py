"""The core-set approach: greedy k-center over embeddings."""

from collections.abc import Iterator

import numpy as np

from feasible_al.strategies.base import PoolView, batch_strategy

BLOCK = 1024  # labelled instances whose distances to candidates are in memory at once


@batch_strategy(
    "coreset",
    needs=("embeddings", "labelled_embeddings"),
    citation="Sener and Savarese (2018), Algorithm 1",
)
def coreset(view: PoolView, rng: np.random.Generator) -> Iterator[int]:
    """Choose the candidate that is farthest from all labelled and chosen instances (Euclidean); repeat."""
    nearest = nearest_squared(view.embeddings, view.labelled_embeddings)
    norms = (view.embeddings**2).sum(axis=1)
    for _ in range(len(view)):
        farthest = int(np.argmax(nearest))
        yield farthest
        distances = norms - 2 * (view.embeddings @ view.embeddings[farthest]) + norms[farthest]
        np.minimum(nearest, distances, out=nearest)
        nearest[farthest] = -np.inf  # never again, even among candidates with the same embedding


def nearest_squared(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """float32[n]: the squared distance of each of float32[n, d] points to the nearest of float32[m, d]."""
    nearest = np.full(len(points), np.inf, dtype=np.float32)
    norms = (points**2).sum(axis=1)
    for start in range(0, len(centres), BLOCK):
        block = centres[start : start + BLOCK]
        for first in range(0, len(points), 16 * BLOCK):
            part = slice(first, first + 16 * BLOCK)
            distances = (block**2).sum(axis=1) - 2 * (points[part] @ block.T)
            np.minimum(nearest[part], distances.min(axis=1) + norms[part], out=nearest[part])
    return nearest
