"""Who is best on each dataset, by how much more than the reference, and how sure that is."""

import math
from collections.abc import Iterator
from functools import partial

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
from feasible_al.analysis.intervals import ABOUT_SEEDS, FRACTION, t_interval
from feasible_al.analysis.names import counted, dataset_name, listed, series_name
from feasible_al.analysis.numbers import ABSENT, number, unsigned, with_bounds
from feasible_al.analysis.tables.base import (
    Column,
    Record,
    TableData,
    dataset_column,
    ends,
    series_column,
    table,
)
from feasible_al.analysis.test_share import HEADING, NOTE, contrast_error, shown
from feasible_al.analysis.verdicts import TEST, TOO_FEW, UNTESTED
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.chosen import chosen_datasets
from feasible_al.results.collect import Results

DECIMALS = 3


@table("ranking", section="comparison", reads=("entrants",))
def ranking(config: Config, block: Table, results: Results) -> TableData:
    """A row per dataset and series, the best first."""
    boards = {name: entrants(config, results, name) for name in chosen_datasets(config, block)}
    records = [line for name, known in boards.items() for line in _records(config, results, name, known)]
    against = terms_of(config).against
    bounded, error = partial(with_bounds, decimals=DECIMALS), partial(shown, decimals=DECIMALS)
    p = partial(number, decimals=4)
    columns = (
        dataset_column(config),
        Column("rank", "Rank", "{:g}".format),
        series_column(config),
        Column("reference"),
        Column("seeds"),
        Column(ends("area"), "Area under the curve", partial(unsigned, decimals=DECIMALS)),
        Column("paired_seeds"),
        Column(ends("difference"), f"Minus {against}", bounded),
        Column("test_set_error", HEADING, error, of=("test_set_error", "difference")),
        Column("p", "p", p),
        Column("p_holm", "p, Holm", p),
        Column("tests"),
        Column("verdict", f"Against {against}", lambda verdict: verdict or ABSENT, numeric=False),
        Column("effect_size", "Effect size", partial(number, decimals=2)),
        Column("p_signs", "p of sign changes", p),
        Column("smallest_p_signs"),
        Column("seeds_needed", "Seeds that would settle it", _seeds),
    )
    notes = _notes(config, boards, records, against)
    return TableData.of(block.title or "Ranking", columns, records, notes, sortable=True)


def _records(config: Config, results: Results, dataset: str, known: Entrants) -> Iterator[Record]:
    """A record per series; without a reference nothing is found, and the numbers of it are NaN."""
    places, contrasts = ranks(known), against_reference(config, results, dataset, known)
    for name, entrant in known.items():
        area = t_interval(entrant.values(SeedCurve.area), FRACTION)
        contrast = contrasts.get(name)
        gains = [*contrast.gains.values()] if contrast else []
        found = contrast.area if contrast and gains else UNTESTED
        yield {
            "dataset": dataset,
            "rank": places[name],
            "series": name,
            "reference": contrast.reference if contrast and gains else "",
            "seeds": area.count,
            "area": area,
            "paired_seeds": found.interval.count,
            "difference": found.interval,
            "test_set_error": contrast_error(config, results, dataset, name, contrast),
            "p": found.p,
            "p_holm": found.p_holm,
            "tests": found.tests,
            "verdict": found.verdict if gains else "",
            "effect_size": effect_size(gains),
            "p_signs": permutation_p(gains),
            "smallest_p_signs": smallest_p(found.interval.count),
            "seeds_needed": seeds_needed(gains, max(1, found.tests)),
        }


def _seeds(needed: float) -> str:
    return "more than 1,000" if math.isinf(needed) else number(needed, 0)


def _notes(config: Config, boards: dict[str, Entrants], records: list[Record], against: str) -> Iterator[str]:
    yield (
        f"{AREA} Minus {against}: paired by seed, against the series with the strategy {against} and the "
        "same successor."
    )
    yield f"{TEST} The family: all ranked series of a dataset, minus {against}. {ABOUT_SEEDS}"
    yield NOTE
    paired = [record for record in records if record["reference"]]
    if any(math.isnan(record["p"]) for record in paired):
        yield TOO_FEW
    yield (
        "Effect size: mean over standard deviation of the paired differences, corrected for few seeds "
        "(Hedges, 1981). p of sign changes: the two-sided permutation test, which assumes no "
        "distribution; a check beside p, on which no verdict rests and which is not corrected."
    )
    for count in sorted({record["paired_seeds"] for record in paired}):
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
