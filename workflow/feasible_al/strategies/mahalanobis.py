"""Distance from what is labelled, as the covariance within classes measures it."""

import numpy as np

from feasible_al.strategies.base import PoolView, query_strategy

BLOCK = 4096  # candidates whose differences from a class are in memory at once


@query_strategy(
    "mahalanobis",
    tasks=("classification",),
    needs=("embeddings", "labelled_embeddings", "labelled_labels"),
    citation="Lee et al. (2018), equation 2, as an uncertainty; covariance of Ledoit and Wolf (2004)",
)
def mahalanobis(view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """The squared Mahalanobis distance of an embedding to the nearest labelled class, at least 0.

    Each class has a mean of its own, and all share a covariance. There are often fewer labelled instances
    than dimensions, so the covariance is shrunk towards a multiple of the identity; where no class varies, it
    is the identity.
    """
    from scipy.linalg import eigh  # slow to import, and validation must be fast
    from sklearn.covariance import ledoit_wolf

    points, labels = view.labelled_embeddings.astype(np.float64), view.labelled_labels
    classes = np.unique(labels)
    means = np.stack([points[labels == label].mean(axis=0) for label in classes])
    within = points - means[np.searchsorted(classes, labels)]
    covariance = np.eye(points.shape[1])
    if within.any():
        covariance, _ = ledoit_wolf(within, assume_centered=True)
    values, vectors = eigh(covariance)
    whitening = vectors / np.sqrt(np.maximum(values, values[-1] * np.finfo(np.float32).eps))
    nearest = np.empty(len(view))
    for start in range(0, len(view), BLOCK):
        part = slice(start, start + BLOCK)
        distances = [(((view.embeddings[part] - mean) @ whitening) ** 2).sum(axis=1) for mean in means]
        nearest[part] = np.min(distances, axis=0)
    return nearest
