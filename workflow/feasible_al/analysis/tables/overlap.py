"""Where each query stood in the ranking before it: the paper's Table 2."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass

import pandas as pd

from feasible_al.analysis.acquirers import acquirer_labels, acquirers_of
from feasible_al.analysis.intervals import Spread, spread
from feasible_al.analysis.names import counted, dataset_name
from feasible_al.analysis.numbers import plus_minus
from feasible_al.analysis.tables.base import Column, TableData, spread_of_iterations, table
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


@dataclass(frozen=True)
class _Line:
    """One row: whose ranking, how much of it, and a value per iteration."""

    acquirer: Acquirer
    percent: int
    cells: tuple[Spread, ...]


@table("overlap", place="dataset")
def overlap(config: Config, block: Table, results: Results) -> TableData:
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
    lines = [
        _Line(acquirer, percent, _cells(fractions[acquirer], percent, iterations))
        for acquirer in acquirers
        for percent in TOP_PERCENTS
    ]
    several = len(names) > 1
    return TableData(
        title=block.title or "Each query in the ranking before it",
        columns=(
            *([Column("Dataset", numeric=False)] if several else []),
            Column("Chosen by", numeric=False),
            Column("Top", numeric=False),
            *(Column(f"Iteration {iteration}") for iteration in iterations),
        ),
        rows=tuple(_rows(config, lines, acquirer_labels(config, acquirers), several)),
        frame=_frame(lines, iterations),
        notes=tuple(_notes(config, acquirers)),
        refusal="" if acquirers else NOTHING,
    )


def _default_iterations(config: Config, acquirers: list[Acquirer]) -> tuple[int, ...]:
    lasts = {config.datasets[acquirer.dataset].budget.iterations - 1 for acquirer in acquirers}
    return tuple(sorted({iteration for last in lasts for iteration in spread_of_iterations(last)}))


def _cells(fractions: pd.DataFrame, percent: int, iterations: tuple[int, ...]) -> tuple[Spread, ...]:
    rows = fractions[fractions["top_percent"] == percent]
    return tuple(
        spread(rows.loc[rows["iteration"] == iteration, "fraction"].tolist()) for iteration in iterations
    )


def _rows(
    config: Config, lines: list[_Line], labels: dict[Acquirer, str], several: bool
) -> Iterator[tuple[str, ...]]:
    before = None
    for line in lines:
        new = before is None or line.acquirer.dataset != before.dataset
        yield (
            *([dataset_name(config, line.acquirer.dataset) if new else ""] if several else []),
            "" if line.acquirer == before else labels[line.acquirer],
            f"{line.percent}%",
            *(plus_minus(cell.mean, cell.std, DECIMALS) for cell in line.cells),
        )
        before = line.acquirer


def _frame(lines: list[_Line], iterations: tuple[int, ...]) -> pd.DataFrame:
    columns = ["dataset", "acquisition", "strategy", "subsampling", "top_percent"]
    columns += [f"iteration {number} {part}" for number in iterations for part in ("mean", "std", "seeds")]
    rows = [
        (
            *astuple(line.acquirer),
            line.percent,
            *(number for cell in line.cells for number in (cell.mean, cell.std, cell.count)),
        )
        for line in lines
    ]
    return pd.DataFrame(rows, columns=columns)


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
