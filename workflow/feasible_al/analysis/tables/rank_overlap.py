"""Where each query stood in the ranking before it: the paper's Table 2."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

import pandas as pd

from feasible_al.analysis.acquirers import acquirer_labels, acquirers_of
from feasible_al.analysis.intervals import spread
from feasible_al.analysis.names import counted
from feasible_al.analysis.numbers import plus_minus
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
from feasible_al.jobs.chosen import chosen_datasets, chosen_series
from feasible_al.results.collect import Acquirer, Results
from feasible_al.results.overlap import TOP_PERCENTS

DECIMALS = 3
STALE = (
    "Where the pool is subsampled, the ranking holds older scores of what was not scored again, and only "
    "what was scored again could be queried."
)
NOTHING = "No query can be compared with a ranking before it: that needs two iterations that score the pool."


@table("rank_overlap", section="dataset", reads=("overlap",))
def rank_overlap(config: Config, block: Table, results: Results) -> TableData:
    """Rows: top shares of the ranking, by acquisition model; columns: iterations whose ranking it is.

    Trajectories that score only a part of the pool are shown when their series are named.
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
        Column("top_percent", "Top", "{}%".format, numeric=False),
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
        block.title or "Each query in the ranking before it",
        columns,
        [
            _record(acquirer, percent, fractions[acquirer], iterations)
            for acquirer in acquirers
            for percent in TOP_PERCENTS
        ],
        _notes(config, acquirers),
        refusal="" if acquirers else NOTHING,
    )


def _default_iterations(config: Config, acquirers: list[Acquirer]) -> tuple[int, ...]:
    lasts = {config.datasets[acquirer.dataset].budget.iterations - 1 for acquirer in acquirers}
    return tuple(sorted({iteration for last in lasts for iteration in spread_of_iterations(last)}))


def _record(acquirer: Acquirer, percent: int, fractions: pd.DataFrame, iterations: tuple[int, ...]) -> Record:
    """Whose ranking, how much of it, and a mean per iteration."""
    rows = fractions[fractions["top_percent"] == percent]
    means = {
        f"iteration {iteration} mean": spread(rows.loc[rows["iteration"] == iteration, "fraction"].tolist())
        for iteration in iterations
    }
    return {**asdict(acquirer), "acquirer": acquirer, "top_percent": percent, **means}


def _notes(config: Config, acquirers: list[Acquirer]) -> Iterator[str]:
    if not acquirers:
        return
    yield (
        "Of what iteration t + 1 queried, the share that was among the most uncertain 10%, 20%, … of what "
        "iteration t had scored and left in the pool; the columns are t. Mean ± sample standard deviation "
        f"over {counted(len(config.seeds), 'seed')}. A ranking that says nothing about the next query would "
        "give 0.100, 0.200, …"
    )
    yield (
        "Shares near 1 are why subsampling by uncertainty can work: what is queried next was uncertain "
        "before, so the certain rest need not be scored every time."
    )
    if any(acquirer.subsampling != "none" for acquirer in acquirers):
        yield STALE
