"""Share of each query that was near the top of the previous iteration's ranking: the paper's Table 2."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

import pandas as pd

from feasible_al.analysis.acquirers import acquirer_labels, acquirers_of
from feasible_al.analysis.intervals import plus_minus, spread
from feasible_al.analysis.names import counted
from feasible_al.analysis.tables.base import (
    Column,
    Record,
    TableData,
    acquirer_columns,
    spread_of_iterations,
    table,
)
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import chosen_datasets, chosen_series
from feasible_al.results.collect import Acquirer, Results
from feasible_al.results.overlap import TOP_PERCENTS

DECIMALS = 3
STALE = (
    "Where the pool is subsampled, the ranking holds older scores for the instances that were not scored "
    "again, and only instances that were scored again could be queried."
)
NO_RANKING = (
    "No query can be compared with an earlier ranking: this needs two iterations that score the pool."
)


@table("rank_overlap", section="dataset", reads=("overlap",))
def rank_overlap(config: Config, block: Table, results: Results) -> TableData:
    """Rows: top shares of the ranking, by acquisition model; columns: iterations that made the ranking.

    Trajectories that score only a part of the pool are shown only if the table names their series.
    """
    names = chosen_datasets(config, block)
    every = results.overlap.groupby(["dataset", "acquisition", "strategy", "subsampling"])
    fractions = {Acquirer(*map(str, key)): rows for key, rows in every}
    acquirers = [
        acquirer
        for name in names
        for acquirer in acquirers_of(config, name, chosen_series(config, block, name))
        if acquirer in fractions and (block.series or acquirer.subsampling == "none")
    ]
    iterations = block.iterations or _default_iterations(config, acquirers)
    columns = (
        *acquirer_columns(config, acquirer_labels(config, acquirers), several=len(names) > 1),
        Column("top_percent", "Top share", "{}%".format, numeric=False),
        *(
            Column(
                tuple(f"iteration {iteration} {part}" for part in ("mean", "std", "seeds")),
                f"Iteration {iteration}",
                partial(plus_minus, decimals=DECIMALS),
            )
            for iteration in iterations
        ),
    )
    return TableData.of(
        block.title or "Overlap of queries with the previous ranking",
        columns,
        [
            _record(acquirer, percent, fractions[acquirer], iterations)
            for acquirer in acquirers
            for percent in TOP_PERCENTS
        ],
        _notes([fractions[acquirer] for acquirer in acquirers], acquirers),
        refusal="" if acquirers else NO_RANKING,
    )


def _default_iterations(config: Config, acquirers: list[Acquirer]) -> tuple[int, ...]:
    lasts = {config.datasets[acquirer.dataset].budget.iterations - 1 for acquirer in acquirers}
    return tuple(sorted({iteration for last in lasts for iteration in spread_of_iterations(last)}))


def _record(acquirer: Acquirer, percent: int, fractions: pd.DataFrame, iterations: tuple[int, ...]) -> Record:
    """The acquirer, the top share, and the mean over seeds for each iteration."""
    rows = fractions[fractions["top_percent"] == percent]
    means = {
        f"iteration {iteration} mean": spread(rows.loc[rows["iteration"] == iteration, "fraction"].tolist())
        for iteration in iterations
    }
    return {**asdict(acquirer), "acquirer": acquirer, "top_percent": percent, **means}


def _notes(fractions: list[pd.DataFrame], acquirers: list[Acquirer]) -> Iterator[str]:
    if not acquirers:
        return
    seeds = [rows["seed"].nunique() for rows in fractions]
    fewest = "" if min(seeds) == max(seeds) else f"{min(seeds)} to "
    yield (
        "Each cell: the share of the instances queried at iteration t + 1 that were in the top share of the "
        "ranking of iteration t, that is, among the most uncertain 10%, 20%, … of the instances that "
        "iteration t scored and left in the pool; each column is an iteration t. Mean ± sample standard "
        f"deviation over {fewest}{counted(max(seeds), 'seed')}. A ranking that says nothing about the next "
        "query would give 0.100, 0.200, …"
    )
    yield (
        "Shares near 1 are the reason why subsampling by uncertainty can work: the instances queried next "
        "were already uncertain, so the certain ones need not be scored at every iteration."
    )
    if any(acquirer.subsampling != "none" for acquirer in acquirers):
        yield STALE
