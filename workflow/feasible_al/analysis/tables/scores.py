"""Scores of each series, and whether it is better or worse than random labelling."""

from collections.abc import Iterator
from functools import partial

from feasible_al.analysis.curves import AREA, Contrast, contrasts, queried, seed_curves, shared_points
from feasible_al.analysis.imported_labellers import coverage
from feasible_al.analysis.intervals import ABOUT_SEEDS, plus_minus, spread, with_bounds
from feasible_al.analysis.names import PLAIN, against, at_points, dataset_name, score_name, series_name
from feasible_al.analysis.statistics import TEST, TOO_FEW, UNTESTED
from feasible_al.analysis.tables.base import Column, Record, TableData, dataset_column, interval_names, table
from feasible_al.analysis.test_set import HEADING, NOTE, contrast_error, starred
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import chosen_datasets, chosen_series
from feasible_al.results.collect import Results

DECIMALS = 3
NOTES = (
    f"Scores: mean ± sample standard deviation over seeds. {AREA}",
    "Difference from random: mean and 95% interval of the differences, paired by seed, from the random "
    "series with the same successor and kind of labels or, if there is none, the one with gold labels only. "
    "The two series are compared at the points that both have. One seed has no interval.",
    f"{TEST} Family: the differences in area from random of all series of a dataset. {ABOUT_SEEDS}",
    NOTE,
    "Fits not converged: fits that ended no better than a constant answer, by their loss on the training "
    "labels or by their score on the test set; this is expected with few labels. All numbers include them.",
)
PARTIAL = (
    "A series that was evaluated only at some points has these points beside its name. Its final score is at "
    "the last of them, and its area is not shown because areas over different points cannot be compared."
)


@table("scores", section="dataset", reads=("everyone", "labellers"))
def scores(config: Config, block: Table, results: Results) -> TableData:
    """One row per dataset and series."""
    names = chosen_datasets(config, block)
    compared = {name: contrasts(config, results, name) for name in names}
    records = [
        _record(config, results, dataset, series, compared[dataset].get(series))
        for dataset in names
        for series in chosen_series(config, block, dataset)
    ]
    several = len(names) > 1
    measures = {score_name(config, name) for name in names}
    score = measures.pop() if len(measures) == 1 else "score"
    means, bounded = partial(plus_minus, decimals=DECIMALS), partial(with_bounds, decimals=DECIMALS)
    error = partial(starred, decimals=DECIMALS)
    columns = (
        dataset_column(config, shown=several, once=True),
        Column("series", "Series", partial(_name, config), numeric=False, of=("series", "only")),
        Column("seeds", "Seeds"),
        Column("points"),
        Column("last_labelled_fraction"),
        Column("last_pseudo_instances"),
        Column(("last_mean", "last_std"), f"Final {score}", means),
        Column(("area_mean", "area_std"), "Area", means),
        Column("reference"),
        Column("paired_seeds"),
        Column("paired_points"),
        Column(interval_names("last_difference"), "Final score: difference from random", bounded),
        Column(interval_names("area_difference"), "Area: difference from random", bounded),
        Column("test_set_error", HEADING, error, of=("test_set_error", "area_difference")),
        Column("p"),
        Column("p_holm"),
        Column("tests"),
        Column("verdict", "Verdict against random", numeric=False),
        Column("not_converged", "Fits not converged", "{} of {}".format, of=("not_converged", "fits")),
        Column("fits"),
    )
    return TableData.of(block.title or "Scores", columns, records, _notes(config, results, records, several))


def _record(config: Config, results: Results, dataset: str, series: str, contrast: Contrast | None) -> Record:
    """The scores of a series on a dataset, and its contrast with random labelling if there is one."""
    curves = seed_curves(config, results, dataset, series)
    points = shared_points(curves)
    some_only = len(points) > 0 and len(queried(points)) < config.datasets[dataset].budget.iterations
    found, compared = (contrast.area, contrast.points) if contrast else (UNTESTED, ())
    return {
        "dataset": dataset,
        "series": series,
        "only": points if some_only else (),
        "seeds": len(curves),
        "points": _numbers(points),
        "last_labelled_fraction": spread([curve.shares[-1] for curve in curves]).mean,
        "last_pseudo_instances": spread([curve.pseudo[-1] for curve in curves]).mean,
        "last_mean": spread([curve.area(points[-1:]) for curve in curves]),
        # Means over different points cannot be compared.
        "area_mean": spread([] if some_only else [curve.area() for curve in curves]),
        "reference": contrast.reference if contrast else "",
        "paired_seeds": found.interval.count,
        "paired_points": _numbers(compared),
        "compared": compared,
        "last_difference": contrast.last if contrast else UNTESTED.interval,
        "area_difference": found.interval,
        "test_set_error": contrast_error(config, results, dataset, series, contrast),
        "p": found.p,
        "p_holm": found.p_holm,
        "tests": found.tests,
        "verdict": _verdict(config, series, bool(curves), contrast),
        "not_converged": sum(curve.unconverged for curve in curves),
        "fits": sum(len(curve.points) for curve in curves),
    }


def _verdict(config: Config, series: str, run: bool, contrast: Contrast | None) -> str:
    """Whether a series differs from random labelling, in words."""
    if not run:
        return "not run"
    if config.series[series].strategy == "random":
        return "the reference"
    if contrast is None:
        return "no random series to compare"
    return contrast.area.verdict if contrast.gains else "no seed or no point in common with random"


def _numbers(points: tuple[int, ...]) -> str:
    return " ".join(map(str, points))


def _name(config: Config, series: str, only: tuple[int, ...]) -> str:
    """The label of the series, with its points if it was not evaluated at all of them."""
    return series_name(config, series) + (f", {at_points(only)}" if only else "")


def _notes(config: Config, results: Results, records: list[Record], several: bool) -> Iterator[str]:
    yield from NOTES
    if any(record["verdict"] == "too few seeds" for record in records):
        yield TOO_FEW
    if any(record["only"] for record in records):
        yield PARTIAL
    for record in records:
        place = f"{dataset_name(config, record['dataset'])}, " if several else ""
        place += series_name(config, record["series"])
        if unusual := _unusual_comparison(config, record):
            yield f"{place}: {unusual}."
        if record["last_pseudo_instances"] > 0:
            yield (
                f"{place}: at the last point, {record['last_pseudo_instances']:,.0f} training instances have "
                "a label that the labeller gave them (mean over seeds)."
            )
    for (dataset, labeller), facts in results.labellers.items():
        if dataset in {record["dataset"] for record in records}:
            yield coverage(config, dataset, labeller, facts)


def _unusual_comparison(config: Config, record: Record) -> str:
    """The comparison made, if it is not one of whole curves or the reference learns from other labels."""
    points, reference = record["compared"], record["reference"]
    if not points:
        return ""
    whole = len(points) == config.datasets[record["dataset"]].budget.iterations
    what = against(config, record["series"], reference)
    if whole and what == PLAIN:
        return ""
    where = "" if whole else f", {at_points(points)}"
    return f"compared with {what} ({series_name(config, reference)}){where}"
