"""Clusters of embeddings, for strategies that look for a diverse batch."""

import warnings

import numpy as np

ITERATIONS = 10  # of Lloyd's algorithm; centres hardly move after that


def unit_length(embeddings: np.ndarray) -> np.ndarray:
    """float32[n, size]: embeddings scaled to length 1; zeros stay zeros."""
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    scaled: np.ndarray = embeddings / np.where(lengths > 0, lengths, 1)
    return scaled


def kmeans_clusters(
    points: np.ndarray, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The cluster of each of float32[n, size] points, int64[n], and float32[count, size] centres."""
    from sklearn.cluster import KMeans  # slow to import, and validation must be fast
    from sklearn.exceptions import ConvergenceWarning

    found = KMeans(count, n_init=1, max_iter=ITERATIONS, random_state=int(rng.integers(2**31)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct points than clusters
        labels = found.fit_predict(points)
    return labels, found.cluster_centers_
