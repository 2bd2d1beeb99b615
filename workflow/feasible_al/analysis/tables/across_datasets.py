"""One answer from several datasets, for the series that run on more than one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from feasible_al.analysis.comparison.across import across
from feasible_al.analysis.comparison.entrants import against_reference, entrants, ranks, terms_of
from feasible_al.analysis.intervals import spread
from feasible_al.analysis.names import series_name
from feasible_al.analysis.numbers import ABSENT, number, with_bounds
from feasible_al.analysis.tables.base import Column, TableData, table
from feasible_al.analysis.verdicts import FEWEST, Finding
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.chosen import chosen_datasets
from feasible_al.results.collect import Results


@dataclass(frozen=True)
class _Line:
    """A series on several datasets; its gain is over those on which it has a reference."""

    series: str
    rank: float
    ranked: int
    found: Finding


@table("across_datasets", place="comparison")
def across_datasets(config: Config, block: Table, results: Results) -> TableData:
    """A row per series, by mean rank."""
    lines = sorted(_lines(config, results, chosen_datasets(config, block)), key=lambda line: line.rank)
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
            Column(f"Against {against}", numeric=False),
        ),
        rows=tuple(
            (
                series_name(config, line.series),
                number(line.rank, 2),
                str(line.ranked),
                str(line.found.interval.count),
                with_bounds(line.found.interval, 3),
                number(line.found.p, 4),
                number(line.found.p_holm, 4),
                line.found.verdict.replace("seeds", "datasets") if line.found.interval.count else ABSENT,
            )
            for line in lines
        ),
        frame=pd.DataFrame([_record(line) for line in lines], columns=_COLUMNS),
        notes=(
            f"Area, minus {against}: mean over datasets of the mean over seeds, with a 95% t interval over "
            "datasets, which has the variation between seeds and between datasets in it (a hierarchical "
            "model in two stages). It speaks of datasets like these, and of few of them it can say little. "
            "Ranks are among the series of each dataset; equal ones share the mean of their ranks.",
            "Verdicts: t test over datasets at 5%, two-sided, after Holm's (1979) correction for the series "
            f"of this table; none over fewer than {FEWEST} datasets.",
        ),
        sortable=True,
    )


def _lines(config: Config, results: Results, datasets: Sequence[str]) -> Iterator[_Line]:
    boards = {name: entrants(config, results, name) for name in datasets}
    against = [against_reference(config, results, name, board) for name, board in boards.items()]
    on = {series: [board for board in boards.values() if series in board] for series in config.series}
    several = [series for series in on if len(on[series]) > 1]
    samples = {
        series: [[*each[series].gains.values()] for each in against if series in each and each[series].gains]
        for series in several
    }
    for series, found in across(samples).items():
        rank = spread([ranks(board)[series] for board in on[series]]).mean
        yield _Line(series, rank, len(on[series]), found)


_COLUMNS = [
    *(
        "series",
        "mean_rank",
        "datasets",
        "paired_datasets",
        "difference",
        "low",
        "high",
        "p",
        "p_holm",
        "verdict",
    ),
]


def _record(line: _Line) -> tuple[object, ...]:
    gain, found = line.found.interval, line.found
    return (
        *(line.series, line.rank, line.ranked, gain.count, gain.mean, gain.low, gain.high),
        *(found.p, found.p_holm, found.verdict),
    )
