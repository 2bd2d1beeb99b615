"""Who is best on each dataset, by how much more than the reference, and how sure that is."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from feasible_al.analysis.comparison.entrants import (
    Entrants,
    entrants,
    gains,
    left_out,
    ranks,
    terms_of,
    unlike,
)
from feasible_al.analysis.comparison.measures import area
from feasible_al.analysis.comparison.paired import (
    effect_size,
    fewest_seeds,
    permutation_p,
    seeds_needed,
    smallest_p,
)
from feasible_al.analysis.intervals import BOOTSTRAP_FROM, Interval, interval
from feasible_al.analysis.names import SCORE, counted, dataset_name, listed, series_name
from feasible_al.analysis.results import Results
from feasible_al.analysis.statistics import holm
from feasible_al.analysis.tables.base import (
    Column,
    TableData,
    chosen_datasets,
    number,
    table,
    unsigned,
    with_bounds,
)
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config

DECIMALS = 3


@dataclass(frozen=True)
class _Line:
    """A series on a dataset; numbers are NaN where there is no reference."""

    dataset: str
    rank: float
    series: str
    reference: str
    area: Interval
    gain: Interval
    effect: float
    p: float
    seeds: float


@table("ranking", place="comparison")
def ranking(config: Config, block: Table, results: Results) -> TableData:
    """A row per dataset and series, the best first."""
    boards = {name: entrants(config, results, name) for name in chosen_datasets(config, block)}
    lines = [line for name, known in boards.items() for line in _lines(name, known)]
    tested = {f"{line.dataset} {line.series}": line.p for line in lines if not math.isnan(line.p)}
    corrected = holm(tested)
    fewest = fewest_seeds(len(tested))
    lines = [replace(line, seeds=max(line.seeds, fewest)) for line in lines]  # NaN stays: it comes first
    against = terms_of(config).against
    return TableData(
        title=block.title or "Ranking",
        columns=(
            Column("Dataset", numeric=False),
            Column("Rank"),
            Column("Series", numeric=False),
            Column("Area under the curve"),
            Column(f"Minus {against}"),
            Column("Effect size"),
            Column("p"),
            Column("p, Holm"),
            Column("Seeds that would settle it"),
        ),
        rows=tuple(_cells(config, line, corrected) for line in lines),
        frame=pd.DataFrame([_record(line, corrected) for line in lines], columns=_COLUMNS),
        notes=tuple(_notes(config, boards, lines, against)),
        sortable=True,
    )


def _lines(dataset: str, known: Entrants) -> Iterator[_Line]:
    places = ranks(known)
    for entrant in known.values():
        found = gains(entrant, known)
        yield _Line(
            dataset,
            places[entrant.series],
            entrant.series,
            (entrant.reference or "") if found else "",
            interval(entrant.values(area)),
            interval(found),
            effect_size(found),
            permutation_p(found),
            seeds_needed(found),
        )


def _cells(config: Config, line: _Line, corrected: dict[str, float]) -> tuple[str, ...]:
    return (
        dataset_name(config, line.dataset),
        f"{line.rank:g}",
        series_name(config, line.series),
        unsigned(line.area, DECIMALS),
        with_bounds(line.gain, DECIMALS),
        number(line.effect, 2),
        number(line.p, 4),
        number(corrected.get(f"{line.dataset} {line.series}", line.p), 4),
        "more than 1,000" if math.isinf(line.seeds) else number(line.seeds, 0),
    )


_COLUMNS = [
    *("dataset", "rank", "series", "reference", "seeds", "area", "area_low", "area_high", "paired_seeds"),
    *("difference", "difference_low", "difference_high", "effect_size", "p", "p_holm", "smallest_p"),
    "seeds_needed",
]


def _record(line: _Line, corrected: dict[str, float]) -> tuple[object, ...]:
    own, gain = line.area, line.gain
    holms = corrected.get(f"{line.dataset} {line.series}", line.p)
    return (
        *(line.dataset, line.rank, line.series, line.reference, own.count, own.mean, own.low, own.high),
        *(gain.count, gain.mean, gain.low, gain.high, line.effect, line.p, holms, smallest_p(gain.count)),
        line.seeds,
    )


def _notes(config: Config, boards: dict[str, Entrants], lines: list[_Line], against: str) -> Iterator[str]:
    scores = listed(list(dict.fromkeys(SCORE[config.datasets[name].task] for name in boards)))
    yield (
        f"Area under the curve: of {scores} over the labelled share, divided by the width of the budget, so "
        f"that it is a score; mean and 95% interval over seeds (Student's t below {BOOTSTRAP_FROM} seeds, "
        f"the studentized bootstrap from there). Minus {against}: paired by seed, against the series with "
        f"the strategy {against} and the same successor. Intervals are not corrected for their number."
    )
    yield (
        "Effect size: mean over standard deviation of the paired differences, corrected for few seeds "
        "(Hedges, 1981). p: two-sided permutation test, by changing the signs of the differences; after "
        "Holm's (1979) correction over the tests of this table."
    )
    tested = [line for line in lines if not math.isnan(line.p)]
    for count in sorted({line.gain.count for line in tested}):
        smallest = smallest_p(count)
        after = min(1.0, len(tested) * smallest)
        verdict = " Too few seeds for this test to find anything at 5%."
        yield (
            f"With {counted(count, 'seed')} no p can be below {smallest:.4f}, and after correction for "
            f"{counted(len(tested), 'test')} none below {after:.4f}.{verdict if after > 0.05 else ''}"
        )
    yield (
        "Seeds that would settle it: with as many, a paired t test at 5% finds a true difference of the size "
        "seen here, with the spread seen here, with a probability of 80%; and no fewer than the permutation "
        "test needs to find anything after correction. From few seeds this is a rough guess."
    )
    yield from unlike(config, boards)
    for name, known in boards.items():
        if out := left_out(config, known, name):
            yield (
                f"Not ranked on {dataset_name(config, name)}, for want of a whole curve within the budget: "
                f"{listed([series_name(config, series) for series in out])}."
            )
