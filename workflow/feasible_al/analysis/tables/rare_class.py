"""How many instances of the rarest class each query found."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

from feasible_al.analysis.acquirers import acquirer_labels, choosers_of
from feasible_al.analysis.intervals import plus_minus, spread
from feasible_al.analysis.names import dataset_name
from feasible_al.analysis.rare_class import Rarest, found_by, rarest_class
from feasible_al.analysis.tables.base import (
    Column,
    Record,
    TableData,
    acquirer_columns,
    spread_of_iterations,
    table,
)
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import chosen_datasets, chosen_series
from feasible_al.results.collect import Acquirer, Results

NO_CLASSES = "No dataset of this table has classes."


@table("rare_class", section="dataset", reads=("queries",))
def rare_class(config: Config, block: Table, results: Results) -> TableData:
    """Rows: trajectories; columns: the seed set, some queries, and all queries together."""
    rarest = {
        name: found for name in chosen_datasets(config, block) if (found := rarest_class(results, name))
    }
    choosers = [c for name in rarest for c in choosers_of(config, name, chosen_series(config, block, name))]
    iterations = block.iterations or _default_iterations(config, choosers)
    share = partial(plus_minus, decimals=1)
    columns = (
        *acquirer_columns(config, acquirer_labels(config, choosers), several=len(rarest) > 1),
        Column("class", "Class", numeric=False),
        *(
            Column(
                tuple(f"iteration {iteration} {part}" for part in ("mean", "std", "seeds")),
                f"Query {iteration}" if iteration else "Seed set",
                share,
            )
            for iteration in (0, *iterations)
        ),
        Column(("found_percent_mean", "found_percent_std", "seeds"), "All labelled (% of the class)", share),
    )
    return TableData.of(
        block.title or "Texts of the rarest class that each query found",
        columns,
        [_record(results, chooser, rarest[chooser.dataset], iterations) for chooser in choosers],
        _notes(config, rarest),
        refusal="" if rarest else NO_CLASSES,
    )


def _default_iterations(config: Config, choosers: list[Acquirer]) -> tuple[int, ...]:
    lasts = {config.datasets[chooser.dataset].budget.iterations for chooser in choosers}
    return tuple(sorted({iteration for last in lasts for iteration in spread_of_iterations(last)}))


def _record(results: Results, chooser: Acquirer, rarest: Rarest, iterations: tuple[int, ...]) -> Record:
    found = found_by(results, chooser, rarest)
    by_iteration = [dict(zip(seed.iterations, seed.rare.tolist(), strict=True)) for seed in found]
    return {
        **asdict(chooser),
        "acquirer": chooser,
        "class": rarest.name,
        **{
            f"iteration {iteration} mean": spread(
                [seed[iteration] for seed in by_iteration if iteration in seed]
            )
            for iteration in (0, *iterations)
        },
        "found_percent_mean": spread([100 * float(seed.rare.sum()) / rarest.size for seed in found]),
    }


def _notes(config: Config, rarest: dict[str, Rarest]) -> Iterator[str]:
    yield (
        "Each cell: labelled training texts of the class, mean ± sample standard deviation over seeds. "
        "Random labelling finds on average the share of the class that it labels of the whole training set."
    )
    for name, found in rarest.items():
        yield f"{dataset_name(config, name)}: {found.described}."
