"""How good each series is, and whether it is better or worse than random labelling."""

import math
from collections.abc import Iterator

import pandas as pd

from feasible_al.analysis.contrasts import Contrast, contrasts
from feasible_al.analysis.curves import AREA, seed_curves
from feasible_al.analysis.intervals import ABOUT_SEEDS
from feasible_al.analysis.names import SCORE, at_points, dataset_name, series_name
from feasible_al.analysis.numbers import ABSENT, plus_minus, with_bounds
from feasible_al.analysis.reference import PLAIN, against
from feasible_al.analysis.tables.base import Column, TableData, table
from feasible_al.analysis.tables.score_lines import ScoreLine
from feasible_al.analysis.test_share import HEADING, NOTE, contrast_error, shown
from feasible_al.analysis.verdicts import TEST, TOO_FEW
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.chosen import chosen_datasets, chosen_series
from feasible_al.results.collect import Results

DECIMALS = 3
NOTES = (
    f"Scores: mean ± sample standard deviation over seeds. {AREA}",
    "Minus random: paired by seed against the random series with the same successor and labels, or failing "
    "that with gold labels alone, at the points that both have; mean and 95% interval, none for one seed.",
    f"{TEST} The family: the areas of all series of a dataset, minus random. {ABOUT_SEEDS}",
    NOTE,
    "Not converged: fits that ended no better than a constant answer, by their loss on what they learned or "
    "by their score on the test set; with few labels it is to be expected. They are kept in all numbers.",
)
PARTIAL = (
    "A series that was evaluated at some points only has them beside its name: its last score is at the last "
    "of them, and it has no area that could be compared with others."
)


@table("scores", place="dataset")
def scores(config: Config, block: Table, results: Results) -> TableData:
    """One row per dataset and series."""
    names = chosen_datasets(config, block)
    compared = {name: contrasts(config, results, name) for name in names}
    lines = [
        _line(config, results, dataset, series, compared[dataset].get(series))
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
        Column("Area"),
        Column("Last, minus random"),
        Column("Area, minus random"),
        Column(HEADING),
        Column("Against random", numeric=False),
        Column("Not converged"),
    )
    return TableData(
        title=block.title or "Scores",
        columns=columns,
        rows=tuple(
            _cells(config, line, lines[i - 1] if i else None, several) for i, line in enumerate(lines)
        ),
        frame=pd.DataFrame([line.record() for line in lines], columns=list(_EMPTY.record())),
        notes=tuple(_notes(config, lines, several)),
    )


def _line(
    config: Config, results: Results, dataset: str, series: str, contrast: Contrast | None
) -> ScoreLine:
    return ScoreLine(
        dataset,
        series,
        config.datasets[dataset].budget.iterations,
        seed_curves(config, results, dataset, series),
        contrast,
        config.series[series].strategy == "random",
        contrast_error(config, results, dataset, series, contrast) if contrast else math.nan,
    )


_EMPTY = ScoreLine("", "", 0, (), None, random=False)


def _cells(config: Config, line: ScoreLine, before: ScoreLine | None, several: bool) -> tuple[str, ...]:
    failed, fits = line.fits
    continued = before is not None and before.dataset == line.dataset
    difference = line.comparison
    return (
        *(["" if continued else dataset_name(config, line.dataset)] if several else []),
        _name(config, line),
        str(len(line.curves)),
        plus_minus(line.last.mean, line.last.std, DECIMALS),
        plus_minus(line.area.mean, line.area.std, DECIMALS),
        with_bounds(difference.last, DECIMALS) if difference else ABSENT,
        with_bounds(difference.area.interval, DECIMALS) if difference else ABSENT,
        shown(line.error, difference.area.interval, DECIMALS) if difference else ABSENT,
        line.verdict,
        f"{failed} of {fits}",
    )


def _name(config: Config, line: ScoreLine) -> str:
    """The series, and its points when they are not all."""
    return series_name(config, line.series) + (f", {at_points(line.points)}" if line.partial else "")


def _notes(config: Config, lines: list[ScoreLine], several: bool) -> Iterator[str]:
    yield from NOTES
    if any(line.verdict == "too few seeds" for line in lines):
        yield TOO_FEW
    if any(line.partial for line in lines):
        yield PARTIAL
    for line in lines:
        place = f"{dataset_name(config, line.dataset)}, " if several else ""
        place += series_name(config, line.series)
        if unusual := _unusual_comparison(config, line):
            yield f"{place}: {unusual}."
        if line.pseudo > 0:
            yield (
                f"{place}: at the last point, {line.pseudo:,.0f} training instances have a label that the "
                "labeller gave them (mean over seeds)."
            )


def _unusual_comparison(config: Config, line: ScoreLine) -> str:
    """Which comparison was made, when it is not of whole curves or the reference has other labels."""
    if line.comparison is None or not line.comparison.points:
        return ""
    points, reference = line.comparison.points, line.comparison.reference
    whole, what = len(points) == line.every, against(config, line.series, reference)
    if whole and what == PLAIN:
        return ""
    where = "" if whole else f", {at_points(points)}"
    return f"compared with {what} ({series_name(config, reference)}){where}"
