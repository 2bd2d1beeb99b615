"""On how many datasets each series beats each other one by more than seed noise."""

import pandas as pd

from feasible_al.analysis.comparison.entrants import entrants, tally
from feasible_al.analysis.names import counted, series_name
from feasible_al.analysis.results import Results
from feasible_al.analysis.tables.base import Column, TableData, chosen_datasets, table
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config


@table("win_tie_loss", place="comparison")
def win_tie_loss(config: Config, block: Table, results: Results) -> TableData:
    """Rows against columns: wins, ties and losses of the row."""
    boards = [entrants(config, results, name) for name in chosen_datasets(config, block)]
    names = list(dict.fromkeys(series for board in boards for series in board))
    counts = {(a, b): tally(a, b, boards) for a in names for b in names if a != b}
    totals = {a: [sum(counts[a, b][kind] for b in names if b != a) for kind in _KINDS] for a in names}
    names.sort(key=lambda name: totals[name][2] - totals[name][0])
    return TableData(
        title=block.title or "Wins, ties and losses",
        columns=(
            Column("Series", numeric=False),
            *(Column(str(place)) for place in range(1, len(names) + 1)),
            Column("All"),
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
            columns=["series", "against", *_KINDS],
        ),
        notes=(
            "Wins/ties/losses of the row against the column with the row's number, by area under the curve, "
            f"over {counted(len(boards), 'dataset')}; most wins less losses first. A win: the 95% interval "
            "of the difference, paired by seed, lies above 0; a loss: below. Not corrected for their number: "
            "of a hundred pairs that are equally good, about five count as won or lost. A dash in all three: "
            "the two never meet with two seeds in common.",
        ),
    )


_KINDS = ("win", "tie", "loss")


def _cell(counts: list[int]) -> str:
    return "/".join(map(str, counts)) if sum(counts) else "-/-/-"
