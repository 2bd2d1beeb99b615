"""The one place where scores become a query: order, ties and budgets."""

import numpy as np

from feasible_al.core.errors import PoolExhausted


def ranking(ids: np.ndarray, scores: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """int64[n]: positions by descending score; ties by a key drawn over the sorted ids.

    The order depends on ids and scores alone, never on the order in which candidates are passed.
    """
    key = np.empty(len(ids))
    key[np.argsort(ids)] = rng.random(len(ids))
    return np.lexsort((key, -scores))


def take(order: np.ndarray, budget: int, tokens: np.ndarray | None) -> np.ndarray:
    """The first positions of ``order`` that a budget pays for.

    Args:
        order: int64[n], positions in the order of preference.
        budget: instances, or tokens when ``tokens`` is given.
        tokens: int64[n] by position, or None. Positions are taken until their sum *exceeds* the budget;
            the one that crosses is included (authors' code, ``include_last=True``).

    Returns:
        int64[k]; everything when the budget is not used up before the end.

    Raises:
        PoolExhausted: if there is nothing to take.
    """
    if len(order) == 0:
        raise PoolExhausted("the pool is empty: lower the budget or the number of iterations")
    if tokens is None:
        return order[:budget]
    crossing = int(np.searchsorted(np.cumsum(tokens[order]), budget, side="right"))
    return order[: crossing + 1]
