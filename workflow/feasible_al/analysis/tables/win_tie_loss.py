"""Wins, ties and losses of each series against each other one, over the datasets."""

import pandas as pd

from feasible_al.analysis.comparison.entrants import duels, entrants, tally
from feasible_al.analysis.intervals import ABOUT_SEEDS
from feasible_al.analysis.names import counted, series_name
from feasible_al.analysis.statistics import TEST, TOO_FEW
from feasible_al.analysis.tables.base import Column, TableData, table
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import chosen_datasets
from feasible_al.results.collect import Results


@table("win_tie_loss", section="comparison", reads=("entrants",))
def win_tie_loss(config: Config, block: Table, results: Results) -> TableData:
    """A row and a column per series; cells: wins, ties and losses of the row against the column."""
    boards = [entrants(config, results, name) for name in chosen_datasets(config, block)]
    names = list(dict.fromkeys(series for board in boards for series in board))
    duels_by_dataset = [duels(board) for board in boards]
    counts = {(a, b): tally(a, b, duels_by_dataset) for a in names for b in names if a != b}
    totals = {a: [sum(counts[a, b][kind] for b in names if b != a) for kind in _KINDS] for a in names}
    names.sort(key=lambda name: totals[name][2] - totals[name][0])
    return TableData(
        title=block.title or "Wins, ties and losses",
        columns=(
            Column(label="Series", numeric=False),
            *(Column(label=str(place)) for place in range(1, len(names) + 1)),
            Column(label="Against all"),
        ),
        rows=tuple(
            (
                f"{place}. {series_name(config, a)}",
                *("" if a == b else _cell(list(counts[a, b].values())) for b in names),
                _cell(totals[a]),
            )
            for place, a in enumerate(names, start=1)
        ),
        frame=pd.DataFrame(
            [(a, b, *counts[a, b].values()) for a in names for b in names if a != b],
            columns=["series", "against", "win", "tie", "loss"],
        ),
        notes=(
            "Each cell: wins/ties/losses of the series of the row against the series with the number of the "
            f"column, by area under the curve, over {counted(len(boards), 'dataset')}; series are sorted by "
            "wins minus losses. Win: better; loss: worse; tie: undecided, which does not mean equal. -/-/-: "
            "on no dataset do the two series have enough seeds in common.",
            f"{TEST} Family: all pairs of series of a dataset. The ranking's family is smaller, so what is "
            f"decided there may be undecided here. {ABOUT_SEEDS} {TOO_FEW}",
        ),
    )


_KINDS = ("better", "undecided", "worse")


def _cell(counts: list[int]) -> str:
    return "/".join(map(str, counts)) if sum(counts) else "-/-/-"
