"""One answer from several datasets, for the series that run on more than one."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from feasible_al.analysis.comparison.across import FEWEST, across, across_p
from feasible_al.analysis.comparison.entrants import Entrants, entrants, gains, ranks, terms_of
from feasible_al.analysis.comparison.paired import smallest_p
from feasible_al.analysis.intervals import Interval, spread
from feasible_al.analysis.names import counted, series_name
from feasible_al.analysis.results import Results
from feasible_al.analysis.statistics import holm
from feasible_al.analysis.tables.base import Column, TableData, chosen_datasets, number, table, with_bounds
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config


@dataclass(frozen=True)
class _Line:
    """A series on several datasets; its gain is over those on which it has a reference."""

    series: str
    rank: float
    ranked: int
    gain: Interval
    p: float


@table("across_datasets", place="comparison")
def across_datasets(config: Config, block: Table, results: Results) -> TableData:
    """A row per series, by mean rank."""
    boards = [entrants(config, results, name) for name in chosen_datasets(config, block)]
    lines = sorted(_lines(config, boards), key=lambda line: line.rank)
    corrected = holm({line.series: line.p for line in lines if not math.isnan(line.p)})
    against = terms_of(config).against
    return TableData(
        title=block.title or "Across datasets",
        columns=(
            Column("Series", numeric=False),
            Column("Mean rank"),
            Column("Datasets ranked"),
            Column(f"Datasets with {against}"),
            Column(f"Area, minus {against}"),
            Column("p"),
            Column("p, Holm"),
        ),
        rows=tuple(
            (
                series_name(config, line.series),
                number(line.rank, 2),
                str(line.ranked),
                str(line.gain.count),
                with_bounds(line.gain, 3),
                number(line.p, 4),
                number(corrected.get(line.series, line.p), 4),
            )
            for line in lines
        ),
        frame=pd.DataFrame([_record(line, corrected) for line in lines], columns=_COLUMNS),
        notes=tuple(_notes(lines, len(corrected), against)),
        sortable=True,
    )


def _lines(config: Config, boards: Sequence[Entrants]) -> Iterator[_Line]:
    for series in config.series:
        on = [board for board in boards if series in board]
        if len(on) > 1:
            samples = [values for board in on if (values := gains(board[series], board))]
            rank = spread([ranks(board)[series] for board in on]).mean
            yield _Line(series, rank, len(on), across(samples), across_p(samples))


_COLUMNS = ["series", "mean_rank", "datasets", "paired_datasets", "difference", "low", "high", "p", "p_holm"]


def _record(line: _Line, corrected: dict[str, float]) -> tuple[object, ...]:
    gain = line.gain
    holms = corrected.get(line.series, line.p)
    return line.series, line.rank, line.ranked, gain.count, gain.mean, gain.low, gain.high, line.p, holms


def _notes(lines: list[_Line], tests: int, against: str) -> Iterator[str]:
    yield (
        f"Area, minus {against}: mean over datasets of the mean over seeds, with a 95% t interval over "
        "datasets, which has the variation between seeds and between datasets in it (a hierarchical "
        "model in two stages). It speaks of datasets like these, and of few of them it can say little. "
        "Ranks are among the series of each dataset; equal ones share the mean of their ranks."
    )
    yield f"No test over fewer than {FEWEST} datasets: below that, none can give a p below 0.05."
    for count in sorted({line.gain.count for line in lines if not math.isnan(line.p)}):
        smallest = smallest_p(count)
        yield (
            f"Over {counted(count, 'dataset')} no p can be below {smallest:.4f}, and after Holm's (1979) "
            f"correction for {counted(tests, 'test')} none below {min(1.0, tests * smallest):.4f}."
        )
