"""One answer from several datasets, for the series that run on more than one."""

import pandas as pd

from feasible_al.analysis.comparison.across import FEWEST, across, across_p
from feasible_al.analysis.comparison.entrants import entrants, gains, terms_of
from feasible_al.analysis.intervals import spread
from feasible_al.analysis.names import series_name
from feasible_al.analysis.results import Results
from feasible_al.analysis.tables.base import Column, TableData, chosen_datasets, number, table, with_bounds
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config


@table("across_datasets", place="comparison")
def across_datasets(config: Config, block: Table, results: Results) -> TableData:
    """A row per series, by mean rank."""
    boards = [entrants(config, results, name) for name in chosen_datasets(config, block)]
    found = []
    for series in config.series:
        on = [board for board in boards if series in board]
        if len(on) < 2:
            continue
        ranks = [list(board).index(series) + 1 for board in on]
        samples = [values for board in on if (values := gains(board[series], board))]
        found.append((series, spread(ranks).mean, len(on), across(samples), across_p(samples)))
    found.sort(key=lambda row: row[1])
    against = terms_of(config).against
    return TableData(
        title=block.title or "Across datasets",
        columns=(
            Column("Series", numeric=False),
            Column("Mean rank"),
            Column("Datasets"),
            Column(f"Area, minus {against}"),
            Column("p"),
        ),
        rows=tuple(
            (series_name(config, series), number(rank, 2), str(count), with_bounds(gain, 3), number(p, 4))
            for series, rank, count, gain, p in found
        ),
        frame=pd.DataFrame(
            [(s, rank, count, gain.mean, gain.low, gain.high, p) for s, rank, count, gain, p in found],
            columns=["series", "mean_rank", "datasets", "difference", "low", "high", "p"],
        ),
        notes=(
            f"Area, minus {against}: mean over datasets of the mean over seeds, with a 95% t interval over "
            "datasets, which has the variation between seeds and between datasets in it (a hierarchical "
            "model in two stages). It speaks of datasets like these, and of few of them it can say little. "
            "Ranks are among the series of each dataset.",
            f"No test over fewer than {FEWEST} datasets: below that, none can give a p below 0.05.",
        ),
        sortable=True,
    )
