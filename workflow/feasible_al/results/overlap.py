"""How uncertain a query's instances were one iteration earlier: the paper's Table 2, on which UPS rests."""

import numpy as np
import pandas as pd

from feasible_al.core import rng
from feasible_al.strategies import ranking

TOP_PERCENTS = (10, 20, 30, 40, 50)


def overlap(scores: pd.DataFrame, queries: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The share of each query that was near the top of the ranking one iteration earlier.

    For c = 1..N-1: the M instances that iteration c scored (with the model of point c - 1) and did not query
    are ranked by descending score, ties as in :func:`feasible_al.strategies.ranking`. The fraction counts the
    instances queried at iteration c + 1 whose rank i / M, i from 0, is below k / 100.

    Args:
        scores: iteration, instance, score: the scores stored at each iteration, of its whole pool.
        queries: iteration, instance: the queried instances; iteration 0 is the seed set.
        seed: of the trajectory.

    Returns:
        iteration (c), top_percent (k) and fraction; no rows when there is only one iteration.

    Raises:
        ValueError: if a queried instance was not in the pool after the iteration before.
    """
    rows = []
    for iteration in range(1, int(queries["iteration"].max())):
        now, following = (
            queries.loc[queries["iteration"] == number, "instance"] for number in (iteration, iteration + 1)
        )
        pool = scores[(scores["iteration"] == iteration) & ~scores["instance"].isin(now)]
        ids = pool["instance"].to_numpy()
        order = ranking(ids, pool["score"].to_numpy(), rng.generator(seed, "ties", iteration))
        places = np.flatnonzero(np.isin(ids[order], following.to_numpy()))
        if len(places) != len(following):
            raise ValueError(
                f"the query of iteration {iteration + 1} is not from the pool of iteration {iteration}"
            )
        rows += [(iteration, k, float(np.mean(100 * places < k * len(ids)))) for k in TOP_PERCENTS]
    return pd.DataFrame(rows, columns=["iteration", "top_percent", "fraction"])
