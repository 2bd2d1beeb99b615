"""Batch active learning by diverse gradient embeddings (BADGE)."""

from collections.abc import Iterator

import numpy as np

from feasible_al.strategies.base import PoolView, batch_strategy


@batch_strategy(
    "badge",
    tasks=("classification",),
    needs=("probabilities", "embeddings"),
    citation="Ash et al. (2020), Algorithm 1",
)
def badge(view: PoolView, rng: np.random.Generator) -> Iterator[int]:
    """k-means++ seeding over the gradients that the last layer would get if the predicted label were true.

    The gradient of a candidate is the outer product of ``p - onehot(argmax p)`` and its embedding. It is
    never formed: the inner product of two outer products is the product of two inner products. As in the
    authors' code, the first candidate has the largest gradient; each next one is drawn with a probability
    proportional to its squared distance from the nearest candidate chosen before.
    """
    errors = np.exp(view.log_probabilities).astype(np.float32)
    errors[np.arange(len(view)), errors.argmax(axis=1)] -= 1
    embeddings = view.embeddings
    norms = ((errors**2).sum(axis=1) * (embeddings**2).sum(axis=1)).astype(np.float64)
    nearest = np.full(len(view), np.inf)
    remaining = np.ones(len(view), dtype=bool)
    position = int(np.argmax(norms))
    for _ in range(len(view)):
        yield position
        remaining[position] = False
        inner = (errors @ errors[position]) * (embeddings @ embeddings[position])
        distances = norms - 2 * inner + norms[position]
        nearest = np.where(remaining, np.minimum(nearest, np.maximum(distances, 0)), 0)
        position = _drawn(nearest if nearest.any() else remaining, rng)


def _drawn(weights: np.ndarray, rng: np.random.Generator) -> int:
    """A random position, with probabilities proportional to the weights; position 0 if all weights are 0."""
    sums = np.cumsum(weights, dtype=np.float64)
    return int(np.searchsorted(sums, rng.random() * sums[-1], side="right")) if sums[-1] else 0
