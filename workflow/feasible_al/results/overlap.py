"""Whether the next query was uncertain before: the paper's Table 2, the reason why UPS can work."""

import numpy as np
import pandas as pd

from feasible_al.core import rng
from feasible_al.strategies import ranking

TOP_PERCENTS = (10, 20, 30, 40, 50)


def overlap(scores: pd.DataFrame, queries: pd.DataFrame, seed: int) -> pd.DataFrame:
    """How much of each query stood near the top of the ranking of the iteration before.

    For c = 1..N-1: what iteration c scored (by the model of point c - 1) and did not query is ranked by
    descending score, ties as in :func:`feasible_al.strategies.ranking`. The fraction is of the instances
    that iteration c + 1 queried whose rank i / M, i from 0, is below k / 100.

    Args:
        scores: iteration, instance, score: the scores stored at each iteration, of its whole pool.
        queries: iteration, instance: what was queried; iteration 0 is the seed set.
        seed: of the trajectory.

    Returns:
        iteration (c), top_percent (k) and fraction; no rows when there is only one iteration.

    Raises:
        ValueError: if something was queried that the iteration before had not left in the pool.
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
