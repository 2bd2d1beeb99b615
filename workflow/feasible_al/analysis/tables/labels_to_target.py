"""How many labels each series needs to come near the full-data score, and how many it saves."""

import math
from dataclasses import dataclass

import pandas as pd

from feasible_al.analysis.comparison.entrants import Entrant, entrants, terms_of, unlike
from feasible_al.analysis.comparison.measures import final, reach, reachable
from feasible_al.analysis.comparison.worth import Saving, saving, target_of
from feasible_al.analysis.curves import training_size
from feasible_al.analysis.intervals import ABOUT_SEEDS, FRACTION, Interval, t_interval
from feasible_al.analysis.names import dataset_name, model_name, series_name
from feasible_al.analysis.numbers import ABSENT, number, unsigned, with_bounds
from feasible_al.analysis.tables.base import Column, TableData, table
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.chosen import chosen_datasets
from feasible_al.results.collect import Results

NOTES = (
    "Labels: texts, or tokens when tagging; mean and 95% interval over seeds. A seed whose budget ended "
    "before the target (its number stands under not reached) counts with the whole budget, in both columns: "
    "labels needed are then at least, and labels saved at most, what is shown; at least, where it is the "
    "reference that did not arrive; and unclear, where both did not.",
    "Labels needed: where the straight line between two points of a seed's curve reaches the target; the "
    "seed set at least. The curve is first made monotone (isotonic regression: the nearest one that never "
    "falls), since the first crossing of a target is the earlier, the noisier a curve is.",
    f"Intervals are Student's, not corrected for their number, and end where the budget does. {ABOUT_SEEDS}",
)


@dataclass(frozen=True)
class _Line:
    """A series on a dataset; ``needed`` and ``saved`` are None without a target or a reference."""

    dataset: str
    entrant: Entrant
    final: Interval
    target: float
    needed: Interval | None
    missed: int
    saved: Saving | None


@table("labels_to_target", place="comparison")
def labels_to_target(config: Config, block: Table, results: Results) -> TableData:
    """A row per dataset and series, in the order of the ranking."""
    boards = {name: entrants(config, results, name) for name in chosen_datasets(config, block)}
    lines = [
        _line(config, results, name, entrant, known.get(entrant.reference or ""))
        for name, known in boards.items()
        for entrant in known.values()
    ]
    terms = terms_of(config)
    return TableData(
        title=block.title or f"Labels to {100 * terms.target:g}% of the full-data score",
        columns=(
            Column("Dataset", numeric=False),
            Column("Series", numeric=False),
            Column("Final score"),
            Column("Target"),
            Column("Labels needed"),
            Column("Not reached"),
            Column(f"Labels saved against {terms.against}"),
        ),
        rows=tuple(_cells(config, line) for line in lines),
        frame=pd.DataFrame([_record(line) for line in lines], columns=_COLUMNS),
        notes=(
            *NOTES,
            *dict.fromkeys(_without(config, line) for line in lines if line.needed is None),
            *unlike(config, boards),
        ),
        sortable=True,
    )


def _line(config: Config, results: Results, dataset: str, entrant: Entrant, other: Entrant | None) -> _Line:
    target = target_of(config, results, dataset, entrant.series)
    last = t_interval(entrant.values(final), FRACTION)
    if math.isnan(target):
        return _Line(dataset, entrant, last, target, None, 0, None)
    size = training_size(config, results, dataset)
    reached = [reach(curve, target) for curve in entrant.curves.values()]
    possible = reachable(entrant.curves.values(), size)
    needed = t_interval([size * each.share for each in reached], possible)
    missed = sum(each.censored for each in reached)
    saved = saving(entrant, other, target, size) if other else None
    return _Line(dataset, entrant, last, target, needed, missed, saved)


def _cells(config: Config, line: _Line) -> tuple[str, ...]:
    bound = "at least " if line.missed else ""
    return (
        dataset_name(config, line.dataset),
        series_name(config, line.entrant.series),
        unsigned(line.final, 3),
        number(line.target, 3),
        f"{bound}{unsigned(line.needed, 0)}" if line.needed else ABSENT,
        f"{line.missed} of {len(line.entrant.curves)}" if line.needed else ABSENT,
        shown_saving(line.saved),
    )


def shown_saving(saved: Saving | None) -> str:
    """Labels saved with their interval and how censoring binds them."""
    if saved is None or not saved.labels.count:
        return ABSENT
    return f"{saved.bound} {with_bounds(saved.labels, 0)}".strip()


_COLUMNS = [
    *("dataset", "series", "seeds", "final", "final_low", "final_high", "target", "labels", "labels_low"),
    *("labels_high", "not_reached", "reference", "reference_not_reached", "saved", "saved_low", "saved_high"),
]


def _record(line: _Line) -> tuple[object, ...]:
    needed, saved = line.needed, line.saved
    return (
        *(line.dataset, line.entrant.series, line.final.count, line.final.mean, line.final.low),
        *(line.final.high, line.target),
        *((needed.mean, needed.low, needed.high, line.missed) if needed else (None,) * 4),
        *((line.entrant.reference, saved.other_censored) if saved else (None, None)),
        *((saved.labels.mean, saved.labels.low, saved.labels.high) if saved else (None,) * 3),
    )


def _without(config: Config, line: _Line) -> str:
    successor = model_name(config, config.series[line.entrant.series].successor)
    return (
        f"No target for {successor} on {dataset_name(config, line.dataset)}: it has no full-data fit there."
    )
