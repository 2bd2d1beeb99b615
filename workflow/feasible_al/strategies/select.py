"""The one place where scores become a query: order, ties and budgets."""

import numpy as np

from feasible_al.core.errors import BadQuery, NonFiniteScore, PoolExhausted
from feasible_al.strategies.base import STRATEGIES, PoolView


def scores_of(name: str, view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """float64[n]: the scores of strategy ``name``, checked.

    Raises:
        NonFiniteScore: on NaN or infinity, with the strategy's name and the first such instance.
        BadQuery: if there is not one score per candidate, or a batch has a candidate twice or is too small.
    """
    scores = np.asarray(STRATEGIES[name].score(view, rng), dtype=np.float64)
    if scores.shape != (len(view),):
        raise BadQuery(f"strategy {name!r} gave scores of shape {scores.shape} for {len(view)} candidates")
    bad = np.flatnonzero(~np.isfinite(scores))
    if bad.size:
        raise NonFiniteScore(f"strategy {name!r} scored instance {view.ids[bad[0]]} {scores[bad[0]]}")
    return scores


def ranking(ids: np.ndarray, scores: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """int64[n]: positions by descending score; ties are broken by random keys.

    The keys are drawn in the order of the ids, so the order of the candidates does not matter.
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
