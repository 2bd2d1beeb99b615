"""Embeddings of a training set, for rules that use neighbours instead of old scores."""

from dataclasses import dataclass, field

import numpy as np

BLOCK = 256  # rows whose similarities to all others are in memory at once


@dataclass(frozen=True)
class Space:
    """A training set as points on a sphere, embedded by an encoder before any fit.

    Attributes:
        points: float32[training set, size], each of length 1, so that a dot product is a cosine.
        known: neighbours that were found before, by k and row; they never change.
    """

    points: np.ndarray
    known: dict[int, dict[int, np.ndarray]] = field(default_factory=dict)

    def neighbours(self, rows: np.ndarray, k: int) -> np.ndarray:
        """int64[n, k]: the k rows nearest to each of int64[n] rows, without the row itself, unordered."""
        found = self.known.setdefault(k, {})
        k = min(k, len(self.points) - 1)
        missing = np.array([row for row in rows.tolist() if row not in found], dtype=np.int64)
        for start in range(0, len(missing), BLOCK):
            block = missing[start : start + BLOCK]
            cosines = self.points[block] @ self.points.T
            cosines[np.arange(len(block)), block] = -np.inf
            nearest = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
            found.update(zip(block.tolist(), nearest, strict=True))
        return np.stack([found[row] for row in rows.tolist()])


@dataclass(frozen=True)
class Neighbourhood:
    """What a neighbour rule sees at an iteration.

    Attributes:
        space: the embedded training set.
        pool: int64[n], sorted; rows of the candidates.
        labelled: int64[m], sorted; rows of the labelled instances.
        classes: int64[m], the class of each of them; empty when tagging.
        rng: the rule's own randomness.
    """

    space: Space
    pool: np.ndarray
    labelled: np.ndarray
    classes: np.ndarray
    rng: np.random.Generator
