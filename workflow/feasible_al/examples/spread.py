"""Query instances that the model is unsure of and that are far apart."""

from collections.abc import Iterator

import numpy as np
from feasible_al.strategies import PoolView, batch_strategy


@batch_strategy(
    "spread", citation="An example", tasks=("classification",), needs=("probabilities", "embeddings")
)
def spread(view: PoolView, rng: np.random.Generator) -> Iterator[int]:
    """Each time the candidate with the largest product of entropy and distance to the nearest chosen one."""
    log_p, points = view.log_probabilities, view.embeddings
    entropy = -(np.exp(log_p) * log_p).sum(axis=1)
    nearest = np.full(len(view), np.inf)
    chosen = int(np.argmax(entropy))
    for _ in range(len(view)):
        yield chosen
        nearest = np.minimum(nearest, np.linalg.norm(points - points[chosen], axis=1))
        nearest[chosen] = -1  # never again
        chosen = int(np.argmax(np.where(nearest < 0, -1, entropy * nearest)))
