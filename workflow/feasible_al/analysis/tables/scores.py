"""How good each series is, and whether it differs from random labelling by more than seed noise."""

import math
from dataclasses import dataclass

import pandas as pd

from feasible_al.analysis.curves import Comparison, SeedCurve, compare, seed_curves, verdict
from feasible_al.analysis.intervals import Interval, Spread, spread
from feasible_al.analysis.names import SCORE, dataset_name, series_name
from feasible_al.analysis.results import Results
from feasible_al.analysis.tables.base import (
    ABSENT,
    Column,
    TableData,
    chosen_datasets,
    chosen_series,
    plus_minus,
    table,
    with_bounds,
)
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config

DECIMALS = 3
NO_INTERVAL = Interval(math.nan, math.nan, math.nan, 0)
NOTES = (
    "Scores: mean ± sample standard deviation over seeds. Mean over points: of the scores at all points of a "
    "curve, the area under it with every point weighing the same.",
    "Minus random: paired by seed against the random series with the same successor; mean and 95% t "
    "interval, n/a below two seeds. The verdict is about the mean over points. Intervals are not corrected "
    "for the number of comparisons.",
    "Not converged: fits whose training ended without learning; they are kept in all numbers.",
)


@dataclass(frozen=True)
class _Line:
    dataset: str
    series: str
    curves: tuple[SeedCurve, ...]
    comparison: Comparison | None
    random: bool

    @property
    def last(self) -> Spread:
        return spread([curve.scores[-1] for curve in self.curves])

    @property
    def area(self) -> Spread:
        return spread([curve.mean_score for curve in self.curves])

    @property
    def share(self) -> float:
        return spread([curve.shares[-1] for curve in self.curves]).mean

    @property
    def fits(self) -> tuple[int, int]:
        return sum(curve.unconverged for curve in self.curves), sum(
            len(curve.points) for curve in self.curves
        )

    @property
    def verdict(self) -> str:
        if not self.curves:
            return "not run"
        if self.random:
            return "the reference"
        return verdict(self.comparison.mean) if self.comparison else "no random series to compare"


@table("scores", place="dataset")
def scores(config: Config, block: Table, results: Results) -> TableData:
    """One row per dataset and series."""
    names = chosen_datasets(config, block)
    lines = [
        _Line(
            dataset,
            series,
            seed_curves(config, results, dataset, series),
            compare(config, results, dataset, series),
            config.series[series].strategy == "random",
        )
        for dataset in names
        for series in chosen_series(config, block, dataset)
    ]
    several = len(names) > 1
    measures = {SCORE[config.datasets[name].task] for name in names}
    score = measures.pop() if len(measures) == 1 else "score"
    columns = (
        *([Column("Dataset", numeric=False)] if several else []),
        Column("Series", numeric=False),
        Column("Seeds"),
        Column(f"Last {score}"),
        Column("Mean over points"),
        Column("Last, minus random"),
        Column("Mean over points, minus random"),
        Column("Beyond seed noise?", numeric=False),
        Column("Not converged"),
    )
    return TableData(
        title=block.title or "Scores",
        columns=columns,
        rows=tuple(
            _cells(config, line, lines[i - 1] if i else None, several) for i, line in enumerate(lines)
        ),
        frame=pd.DataFrame([_record(line) for line in lines], columns=list(_record(_EMPTY))),
        notes=NOTES,
    )


_EMPTY = _Line("", "", (), None, random=False)


def _cells(config: Config, line: _Line, before: _Line | None, several: bool) -> tuple[str, ...]:
    failed, fits = line.fits
    continued = before is not None and before.dataset == line.dataset
    difference = line.comparison
    return (
        *(["" if continued else dataset_name(config, line.dataset)] if several else []),
        series_name(config, line.series),
        str(len(line.curves)),
        plus_minus(line.last.mean, line.last.std, DECIMALS),
        plus_minus(line.area.mean, line.area.std, DECIMALS),
        with_bounds(difference.last, DECIMALS) if difference else ABSENT,
        with_bounds(difference.mean, DECIMALS) if difference else ABSENT,
        line.verdict,
        f"{failed} of {fits}",
    )


def _record(line: _Line) -> dict[str, object]:
    failed, fits = line.fits
    last, mean = (
        (line.comparison.last, line.comparison.mean) if line.comparison else (NO_INTERVAL, NO_INTERVAL)
    )
    return {
        "dataset": line.dataset,
        "series": line.series,
        "seeds": len(line.curves),
        "last_labelled_fraction": line.share,
        "last_mean": line.last.mean,
        "last_std": line.last.std,
        "mean_over_points_mean": line.area.mean,
        "mean_over_points_std": line.area.std,
        "reference": line.comparison.reference if line.comparison else "",
        "paired_seeds": mean.count,
        "last_difference": last.mean,
        "last_difference_low": last.low,
        "last_difference_high": last.high,
        "mean_difference": mean.mean,
        "mean_difference_low": mean.low,
        "mean_difference_high": mean.high,
        "verdict": line.verdict,
        "not_converged": failed,
        "fits": fits,
    }
