"""Labels that each series needs to reach the target score, and labels it saves against the reference."""

import math
from functools import partial

from feasible_al.analysis.bounds import FRACTION
from feasible_al.analysis.comparison.entrants import Entrant, entrants, terms_of, unlike
from feasible_al.analysis.comparison.measures import final, reach, reachable
from feasible_al.analysis.comparison.savings import Saving, saving, target_of
from feasible_al.analysis.curves import training_size
from feasible_al.analysis.intervals import (
    ABOUT_SEEDS,
    ABSENT,
    Interval,
    number,
    t_interval,
    unsigned,
    with_bounds,
)
from feasible_al.analysis.names import dataset_name, model_name
from feasible_al.analysis.tables.base import (
    Column,
    Record,
    TableData,
    dataset_column,
    interval_names,
    series_column,
    table,
)
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import chosen_datasets
from feasible_al.results.collect import Results

NOTES = (
    "Labels: texts, or tokens for tagging; mean and 95% interval over seeds. A seed that did not reach the "
    "target within the budget counts with the whole budget in both columns. Labels needed are then at least "
    "what is shown. Labels saved are at most what is shown if only the series missed the target in some "
    "seed, at least what is shown if only the reference did, and unclear if both did.",
    "Labels needed: where the straight line between two points of a seed's curve reaches the target, but no "
    "fewer than the seed set. The curve is first replaced by the nearest one that never falls (isotonic "
    "regression), because a noisy curve crosses a target too early.",
    "Intervals are Student's t intervals; they are not corrected for their number and do not go beyond the "
    f"budget. {ABOUT_SEEDS}",
)


@table("labels_to_target", section="comparison", reads=("entrants", "full"))
def labels_to_target(config: Config, block: Table, results: Results) -> TableData:
    """A row per dataset and series, in the order of the ranking."""
    boards = {name: entrants(config, results, name) for name in chosen_datasets(config, block)}
    records = [
        _record(config, results, name, entrant, known.get(entrant.reference or ""))
        for name, known in boards.items()
        for entrant in known.values()
    ]
    terms = terms_of(config)
    columns = (
        dataset_column(config),
        series_column(config),
        Column("seeds"),
        Column(interval_names("final"), "Final score", partial(unsigned, decimals=3)),
        Column("target", "Target score", partial(number, decimals=3)),
        Column(interval_names("labels"), "Labels needed", _needed, of=("labels", "not_reached")),
        Column("not_reached", "Seeds below the target", _not_reached, of=("not_reached", "seeds")),
        Column("reference"),
        Column("reference_not_reached"),
        Column(
            interval_names("saved"), f"Labels saved against {terms.against}", shown_saving, of=("saving",)
        ),
    )
    return TableData.of(
        block.title or f"Labels to {100 * terms.target:g}% of the full-data score",
        columns,
        records,
        (
            *NOTES,
            *dict.fromkeys(_no_target(config, record) for record in records if record["labels"] is None),
            *unlike(config, boards),
        ),
        sortable=True,
    )


def _record(
    config: Config, results: Results, dataset: str, entrant: Entrant, other: Entrant | None
) -> Record:
    """A series on a dataset; None for labels without a target, and for labels saved without a reference."""
    curves = entrant.curves.values()
    target = target_of(config, results, dataset, entrant.series)
    last = t_interval(entrant.values(final), FRACTION)
    needed, missed, saved = None, None, None
    if not math.isnan(target):
        size = training_size(config, results, dataset)
        reached = [reach(curve, target) for curve in curves]
        needed = t_interval([size * each.share for each in reached], reachable(curves, size))
        missed = sum(each.censored for each in reached)
        saved = saving(entrant, other, target, size) if other else None
    return {
        "dataset": dataset,
        "series": entrant.series,
        "seeds": last.count,
        "final": last,
        "target": target,
        "labels": needed,
        "not_reached": missed,
        "reference": entrant.reference if saved else None,
        "reference_not_reached": saved.other_censored if saved else None,
        "saved": saved.labels if saved else None,
        "saving": saved,
    }


def _needed(needed: Interval | None, missed: int) -> str:
    return f"{'at least ' if missed else ''}{unsigned(needed, 0)}" if needed else ABSENT


def _not_reached(missed: int | None, seeds: int) -> str:
    return ABSENT if missed is None else f"{missed} of {seeds}"


def shown_saving(saved: Saving | None) -> str:
    """Labels saved and their interval, after ``at least``, ``at most`` or ``unclear`` where it applies."""
    if saved is None or not saved.labels.count:
        return ABSENT
    return f"{saved.bound} {with_bounds(saved.labels, 0)}".strip()


def _no_target(config: Config, record: Record) -> str:
    successor = model_name(config, config.series[record["series"]].successor)
    place = dataset_name(config, record["dataset"])
    return f"No target for {successor} on {place}: it was not fitted on all data there."
