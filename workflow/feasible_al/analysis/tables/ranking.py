"""Who is best on each dataset, by how much more than the reference, and how sure that is."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from feasible_al.analysis.comparison.entrants import (
    Entrants,
    against_reference,
    entrants,
    left_out,
    ranks,
    terms_of,
    unlike,
)
from feasible_al.analysis.comparison.paired import effect_size, permutation_p, seeds_needed, smallest_p
from feasible_al.analysis.curves import AREA, SeedCurve
from feasible_al.analysis.intervals import ABOUT_SEEDS, FRACTION, Interval, t_interval
from feasible_al.analysis.names import counted, dataset_name, listed, series_name
from feasible_al.analysis.numbers import ABSENT, number, unsigned, with_bounds
from feasible_al.analysis.tables.base import Column, TableData, table
from feasible_al.analysis.test_share import HEADING, NOTE, contrast_error, shown
from feasible_al.analysis.verdicts import TEST, TOO_FEW, UNTESTED, Finding
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.chosen import chosen_datasets
from feasible_al.results.collect import Results

DECIMALS = 3


@dataclass(frozen=True)
class _Line:
    """A series on a dataset; without a reference nothing is found, and the other numbers are NaN."""

    dataset: str
    rank: float
    series: str
    area: Interval
    reference: str = ""
    found: Finding = UNTESTED
    error: float = math.nan
    effect: float = math.nan
    signs: float = math.nan
    seeds: float = math.nan


@table("ranking", place="comparison")
def ranking(config: Config, block: Table, results: Results) -> TableData:
    """A row per dataset and series, the best first."""
    boards = {name: entrants(config, results, name) for name in chosen_datasets(config, block)}
    lines = [line for name, known in boards.items() for line in _lines(config, results, name, known)]
    against = terms_of(config).against
    return TableData(
        title=block.title or "Ranking",
        columns=(
            Column("Dataset", numeric=False),
            Column("Rank"),
            Column("Series", numeric=False),
            Column("Area under the curve"),
            Column(f"Minus {against}"),
            Column(HEADING),
            Column("p"),
            Column("p, Holm"),
            Column(f"Against {against}", numeric=False),
            Column("Effect size"),
            Column("p of sign changes"),
            Column("Seeds that would settle it"),
        ),
        rows=tuple(_cells(config, line) for line in lines),
        frame=pd.DataFrame([_record(line) for line in lines], columns=_COLUMNS),
        notes=tuple(_notes(config, boards, lines, against)),
        sortable=True,
    )


def _lines(config: Config, results: Results, dataset: str, known: Entrants) -> Iterator[_Line]:
    places, contrasts = ranks(known), against_reference(config, results, dataset, known)
    for name, entrant in known.items():
        line = _Line(dataset, places[name], name, t_interval(entrant.values(SeedCurve.area), FRACTION))
        if name in contrasts and (gains := [*contrasts[name].gains.values()]):
            found = contrasts[name].area
            line = replace(
                line,
                reference=contrasts[name].reference,
                found=found,
                error=contrast_error(config, results, dataset, name, contrasts[name]),
                effect=effect_size(gains),
                signs=permutation_p(gains),
                seeds=seeds_needed(gains, max(1, found.tests)),
            )
        yield line


def _cells(config: Config, line: _Line) -> tuple[str, ...]:
    found = line.found
    return (
        dataset_name(config, line.dataset),
        f"{line.rank:g}",
        series_name(config, line.series),
        unsigned(line.area, DECIMALS),
        with_bounds(found.interval, DECIMALS),
        shown(line.error, found.interval, DECIMALS) if line.reference else ABSENT,
        number(found.p, 4),
        number(found.p_holm, 4),
        found.verdict if line.reference else ABSENT,
        number(line.effect, 2),
        number(line.signs, 4),
        "more than 1,000" if math.isinf(line.seeds) else number(line.seeds, 0),
    )


_COLUMNS = [
    *("dataset", "rank", "series", "reference", "seeds", "area", "area_low", "area_high", "paired_seeds"),
    *(
        "difference",
        "difference_low",
        "difference_high",
        "test_set_error",
        "p",
        "p_holm",
        "tests",
        "verdict",
        "effect_size",
    ),
    *("p_signs", "smallest_p_signs", "seeds_needed"),
]


def _record(line: _Line) -> tuple[object, ...]:
    own, found, gain = line.area, line.found, line.found.interval
    return (
        *(line.dataset, line.rank, line.series, line.reference, own.count, own.mean, own.low, own.high),
        *(gain.count, gain.mean, gain.low, gain.high, line.error, found.p, found.p_holm, found.tests),
        *(
            found.verdict if line.reference else "",
            line.effect,
            line.signs,
            smallest_p(gain.count),
            line.seeds,
        ),
    )


def _notes(config: Config, boards: dict[str, Entrants], lines: list[_Line], against: str) -> Iterator[str]:
    yield (
        f"{AREA} Minus {against}: paired by seed, against the series with the strategy {against} and the "
        "same successor."
    )
    yield f"{TEST} The family: all series of a dataset, minus {against}. {ABOUT_SEEDS}"
    yield NOTE
    if any(line.reference and not line.found.tested for line in lines):
        yield TOO_FEW
    yield (
        "Effect size: mean over standard deviation of the paired differences, corrected for few seeds "
        "(Hedges, 1981). p of sign changes: the exact two-sided permutation test, which assumes no "
        "distribution; a check beside p, on which no verdict rests and which is not corrected."
    )
    for count in sorted({line.found.interval.count for line in lines if line.reference}):
        yield f"With {counted(count, 'seed')} no p of sign changes can be below {smallest_p(count):.4f}."
    yield (
        "Seeds that would settle it: with as many, the test finds a true difference of the size seen here, "
        "with the spread seen here, with a probability of 80% at the first step of the correction. From few "
        "seeds this is a rough guess."
    )
    yield from unlike(config, boards)
    for name, known in boards.items():
        if out := left_out(config, known, name):
            yield (
                f"Not ranked on {dataset_name(config, name)}, for want of a whole curve within the budget: "
                f"{listed([series_name(config, series) for series in out])}."
            )
