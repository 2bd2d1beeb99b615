"""Rank the series of each dataset by area under the curve, and test their differences from the reference."""

import math
from collections.abc import Iterator
from functools import partial

from feasible_al.analysis.bounds import FRACTION
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
from feasible_al.analysis.intervals import (
    ABOUT_SEEDS,
    ABSENT,
    number,
    shown_p,
    t_interval,
    unsigned,
    with_bounds,
)
from feasible_al.analysis.names import counted, dataset_name, listed, series_name
from feasible_al.analysis.statistics import TEST, TOO_FEW, UNTESTED
from feasible_al.analysis.tables.base import (
    Column,
    Record,
    TableData,
    dataset_column,
    interval_names,
    series_column,
    table,
)
from feasible_al.analysis.test_set import HEADING, NOTE, contrast_error, starred
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import chosen_datasets
from feasible_al.results.collect import Results

DECIMALS = 3


@table("ranking", section="comparison", reads=("entrants",))
def ranking(config: Config, block: Table, results: Results) -> TableData:
    """A row per dataset and series, the best first."""
    boards = {name: entrants(config, results, name) for name in chosen_datasets(config, block)}
    records = [line for name, known in boards.items() for line in _records(config, results, name, known)]
    against = terms_of(config).against
    bounded, error = partial(with_bounds, decimals=DECIMALS), partial(starred, decimals=DECIMALS)
    columns = (
        dataset_column(config),
        Column("rank", "Rank", "{:g}".format),
        series_column(config),
        Column("reference"),
        Column("seeds"),
        Column(interval_names("area"), "Area under the curve", partial(unsigned, decimals=DECIMALS)),
        Column("paired_seeds"),
        Column(interval_names("difference"), f"Difference from {against}", bounded),
        Column("test_set_error", HEADING, error, of=("test_set_error", "difference")),
        Column("p", "p", shown_p),
        Column("p_holm", "p after Holm's correction", shown_p),
        Column("tests"),
        Column("verdict", f"Verdict against {against}", lambda verdict: verdict or ABSENT, numeric=False),
        Column("effect_size", "Effect size", partial(number, decimals=2)),
        Column("p_signs", "Permutation p", shown_p),
        Column("smallest_p_signs"),
        Column("seeds_needed", "Seeds that would decide", _seeds),
    )
    notes = _notes(config, boards, records, against)
    return TableData.of(block.title or "Ranking", columns, records, notes, sortable=True)


def _records(config: Config, results: Results, dataset: str, known: Entrants) -> Iterator[Record]:
    """A record per series; without a reference, the numbers of its difference are NaN."""
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
        f"{AREA} Difference from {against}: paired by seed, from the series with the strategy {against} and "
        "the same successor."
    )
    yield f"{TEST} Family: the differences of all ranked series of a dataset. {ABOUT_SEEDS}"
    yield NOTE
    paired = [record for record in records if record["reference"]]
    if any(math.isnan(record["p"]) for record in paired):
        yield TOO_FEW
    yield (
        "Effect size: mean divided by standard deviation of the paired differences, corrected for few seeds "
        "(Hedges, 1981). Permutation p: of the two-sided test that changes the signs of the paired "
        "differences and assumes no distribution. It is a check of p: no verdict depends on it, and it is "
        "not corrected."
    )
    for count in sorted({record["paired_seeds"] for record in paired}):
        yield f"With {counted(count, 'seed')} the permutation p cannot be below {smallest_p(count):.3g}."
    yield (
        "Seeds that would decide: if the true difference and its spread are as observed here, the test "
        "finds it with a probability of 80% with this number of seeds, at the first step of the correction. "
        "This number is a rough guess if it is estimated from few seeds."
    )
    yield from unlike(config, boards)
    for name, known in boards.items():
        if out := left_out(config, known, name):
            yield (
                f"Not ranked on {dataset_name(config, name)}, because no whole curve lies within the budget: "
                f"{listed([series_name(config, series) for series in out])}."
            )
