"""Compare series over several datasets: mean ranks and mean differences from the reference."""

from collections.abc import Iterator, Sequence
from functools import partial
from operator import itemgetter

from feasible_al.analysis.comparison.entrants import against_reference, entrants, ranks, terms_of
from feasible_al.analysis.comparison.paired import across
from feasible_al.analysis.intervals import ABSENT, number, shown_p, spread, with_bounds
from feasible_al.analysis.statistics import FEWEST
from feasible_al.analysis.tables.base import Column, Record, TableData, series_column, table
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import chosen_datasets
from feasible_al.results.collect import Results


@table("across_datasets", section="comparison", reads=("entrants",))
def across_datasets(config: Config, block: Table, results: Results) -> TableData:
    """A row per series that runs on more than one dataset, sorted by mean rank."""
    records = sorted(_records(config, results, chosen_datasets(config, block)), key=itemgetter("mean_rank"))
    against = terms_of(config).against
    columns = (
        series_column(config),
        Column("mean_rank", "Mean rank", partial(number, decimals=2)),
        Column("datasets", "Datasets"),
        Column("paired_datasets", f"Datasets compared with {against}"),
        Column(
            ("difference", "low", "high"),
            f"Area: difference from {against}",
            partial(with_bounds, decimals=3),
        ),
        Column("p", "p", shown_p),
        Column("p_holm", "p after Holm's correction", shown_p),
        Column(
            "verdict",
            f"Verdict against {against}",
            _verdict,
            numeric=False,
            of=("verdict", "paired_datasets"),
        ),
    )
    return TableData.of(
        block.title or "Comparison across datasets",
        columns,
        records,
        (
            f"Area: difference from {against}: mean over datasets of the mean over seeds, with a 95% t "
            "interval over datasets. The interval includes the variation between seeds and between datasets "
            "(a hierarchical model in two stages). It holds for datasets like these, and is imprecise when "
            "there are few of them.",
            "Mean rank: series are ranked on each dataset; equal series share the mean of their ranks.",
            "Verdicts: two-sided t test over datasets at the 5% level, after Holm's (1979) correction for "
            f"the number of series in this table; there is no verdict for fewer than {FEWEST} datasets.",
        ),
        sortable=True,
    )


def _records(config: Config, results: Results, datasets: Sequence[str]) -> Iterator[Record]:
    """A record per series on several datasets; differences are over the datasets where it has a reference."""
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
        yield {
            "series": series,
            "mean_rank": rank,
            "datasets": len(on[series]),
            "paired_datasets": found.interval.count,
            "difference": found.interval,
            "p": found.p,
            "p_holm": found.p_holm,
            "verdict": found.verdict.replace("seeds", "datasets"),  # the values tested are datasets here
        }


def _verdict(verdict: str, paired: int) -> str:
    return verdict if paired else ABSENT
