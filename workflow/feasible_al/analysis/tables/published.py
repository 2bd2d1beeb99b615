"""The numbers of this run compared with those of the paper's Tables 1, 2, 3 and 6."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from feasible_al.analysis.acquirers import acquirers_of
from feasible_al.analysis.intervals import ABSENT, FIXED, Spread, spread
from feasible_al.analysis.names import dataset_name, series_name
from feasible_al.analysis.seconds import refusal, rows_of, seconds_of
from feasible_al.analysis.tables.base import Column, TableData, table
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.results.collect import Acquirer, Results

FOLDER = Path(__file__).parents[1] / "published"
SIZES = ("Train, instances", "Train, tokens", "Test, instances", "Test, tokens", "Classes")
NOTES = ("Each cell: mean of this run / number in the paper, as printed there (ratio of the two).",)
SECONDS = (
    "Seconds depend on the hardware; only the ratios between columns and between steps can be compared.",
)


@dataclass(frozen=True)
class _Cell:
    """A number of this run and the paper's number as printed, possibly with ±, K or %."""

    row: tuple[str, ...]
    column: str
    ours: Spread
    paper: str

    @property
    def number(self) -> float:
        """The paper's number: 15,000 for "15K", the mean for "176.3±1.4", the first for "4(5)"."""
        text = self.paper.split("±")[0].split("(")[0]
        return float(text.removesuffix("K")) * (1000 if text.endswith("K") else 1)

    @property
    def ratio(self) -> float:
        """This run's number divided by the paper's."""
        return self.ours.mean / self.number

    def text(self) -> str:
        """Both numbers and their ratio, or the paper's alone."""
        if math.isnan(self.ours.mean):
            return f"{ABSENT}{FIXED}/{FIXED}{self.paper}"
        ours = f"{self.ours.mean:,.0f}" if self.ours.mean >= 1000 else f"{self.ours.mean:.3g}"
        return f"{ours}{FIXED}/{FIXED}{self.paper}{FIXED}({self.ratio:.3g})"


@table("published", section="published", reads=())
def published(config: Config, block: Table, results: Results) -> TableData:
    """The paper's table with both numbers in every cell."""
    refused = ""
    if block.published in ("1", "6"):
        acquirers = _acquirers(config, block)
        iterations = config.datasets[block.datasets[0]].budget.iterations
        frames = {
            acquirer: rows_of(results.timings, acquirer, iterations) for acquirer in acquirers if acquirer
        }
        refused = refusal(frames.values())
        cells = [] if refused else list(_times(block, acquirers, frames, iterations))
        headings: tuple[str, ...] = ("Iteration", "Step")
    elif block.published == "2":
        cells, headings = list(_overlaps(config, block, results)), ("Top",)
    else:
        cells, headings = list(_sizes(config, block, results)), ("Dataset",)
    columns = list(dict.fromkeys(cell.column for cell in cells))
    grid: dict[tuple[str, ...], dict[str, _Cell]] = {}
    for cell in cells:
        grid.setdefault(cell.row, {})[cell.column] = cell
    return TableData(
        title=block.title or f"Table {block.published} of the paper compared with this run",
        columns=(
            *(Column(label=heading, numeric=False) for heading in headings),
            *(Column(label=column) for column in columns),
        ),
        rows=tuple((*row, *(grid[row][column].text() for column in columns)) for row in grid),
        frame=_frame(cells, headings),
        notes=(*NOTES, *(SECONDS if block.published in ("1", "6") else ()), *_columns(config, block)),
        refusal=refused,
    )


def _read(name: str) -> pd.DataFrame:
    """A table of the paper, all cells as strings, exactly as printed."""
    return pd.read_csv(FOLDER / f"table{name}.csv", comment="#", dtype=str)


def _acquirers(config: Config, block: Table) -> list[Acquirer | None]:
    """The acquirer of each series of the table; None for a series that is skipped or has no model."""
    return [
        None
        if config.series[series].skip
        else next(iter(acquirers_of(config, block.datasets[0], [series])), None)
        for series in block.series
    ]


def _times(
    block: Table, acquirers: list[Acquirer | None], frames: Mapping[Acquirer, pd.DataFrame], iterations: int
) -> Iterator[_Cell]:
    paper = _read(block.published)
    seconds = [seconds_of(frames[acquirer]) if acquirer else None for acquirer in acquirers]
    for _, printed in paper.iterrows():
        iteration, step = printed["iteration"], printed["step"]
        for column, entry in zip(paper.columns[2:], seconds, strict=True):
            if entry is None:
                values = []
            elif iteration == "sum":
                values = list(entry.summed(step, iterations).values())
            else:
                values = entry.of(step, int(iteration))
            yield _Cell((iteration, step), column, spread(values), printed[column])


def _overlaps(config: Config, block: Table, results: Results) -> Iterator[_Cell]:
    paper = _read(block.published)
    acquirer = _acquirers(config, block)[0]
    rows = results.overlap
    rows = rows[
        (rows["dataset"] == block.datasets[0])
        & (rows["acquisition"] == (acquirer.acquisition if acquirer else None))
        & (rows["strategy"] == (acquirer.strategy if acquirer else None))
        & (rows["subsampling"] == "none")
    ]
    for _, printed in paper.iterrows():
        for iteration in paper.columns[1:]:
            at = (rows["iteration"] == int(iteration)) & (rows["top_percent"] == int(printed["percent"]))
            values = spread(rows.loc[at, "fraction"].tolist())
            yield _Cell((f"{printed['percent']}%",), f"Iteration {iteration}", values, printed[iteration])


def _sizes(config: Config, block: Table, results: Results) -> Iterator[_Cell]:
    for name, (_, printed) in zip(block.datasets, _read(block.published).iterrows(), strict=True):
        texts = [*printed["train"].split("/"), *printed["test"].split("/"), printed["classes"]]
        stats = results.stats.get(name)
        ours: list[float] = [math.nan] * len(SIZES)
        if stats:
            splits = (stats["splits"][split] for split in ("train", "test"))
            ours = [
                *(float(s[unit]) for s in splits for unit in ("instances", "tokens")),
                float(stats["classes"]),
            ]
        for column, value, text in zip(SIZES, ours, texts, strict=True):
            yield _Cell((dataset_name(config, name),), column, Spread(value, math.nan, 1), text)


def _frame(cells: list[_Cell], headings: tuple[str, ...]) -> pd.DataFrame:
    columns = [*(heading.lower() for heading in headings), "column", "mean", "std", "seeds", "paper", "ratio"]
    rows = [(*c.row, c.column, c.ours.mean, c.ours.std, c.ours.count, c.paper, c.ratio) for c in cells]
    return pd.DataFrame(rows, columns=columns)


def _columns(config: Config, block: Table) -> Iterator[str]:
    """A note on the series of this run in each column of the paper."""
    if block.published in ("1", "6"):
        pairs = zip(_read(block.published).columns[2:], block.series, strict=True)
        columns = "; ".join(f"{column}: {series_name(config, series)}" for column, series in pairs)
        yield f"Series of this run in each column: {columns}."
    elif block.published == "2":
        series, dataset = series_name(config, block.series[0]), dataset_name(config, block.datasets[0])
        yield f"This run's numbers are those of {series} on {dataset}."
