"""How much memory choosing takes, by acquisition model."""

import pandas as pd

from feasible_al.analysis.acquirers import acquirer_labels, acquirers_of
from feasible_al.analysis.intervals import spread
from feasible_al.analysis.names import dataset_name
from feasible_al.analysis.numbers import plus_minus
from feasible_al.analysis.tables.base import Column, TableData, table
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.chosen import chosen_datasets, chosen_series
from feasible_al.results.collect import Results

NOTES = (
    "The largest amount that a job held at any time, mean ± sample standard deviation over seeds: of the "
    "GPU's memory on a GPU, of the process's on a CPU.",
)


@table("memory", place="times")
def memory(config: Config, block: Table, results: Results) -> TableData:
    """One row per dataset and acquisition model."""
    names = chosen_datasets(config, block)
    every = [a for name in names for a in acquirers_of(config, name, chosen_series(config, block, name))]
    labels = acquirer_labels(config, every)
    spreads = {acquirer: spread(results.peak_memory.get(acquirer, ())) for acquirer in every}
    firsts = {acquirer.dataset: acquirer for acquirer in reversed(every)}
    return TableData(
        title=block.title or "Peak memory of acquisition",
        columns=(Column("Dataset", numeric=False), Column("Chosen by", numeric=False), Column("Megabytes")),
        rows=tuple(
            (
                dataset_name(config, acquirer.dataset) if firsts[acquirer.dataset] == acquirer else "",
                labels[acquirer],
                plus_minus(spreads[acquirer].mean, spreads[acquirer].std, 0),
            )
            for acquirer in every
        ),
        frame=pd.DataFrame(
            [
                (a.dataset, a.acquisition, a.strategy, a.subsampling, s.mean, s.std, s.count)
                for a, s in spreads.items()
            ],
            columns=["dataset", "acquisition", "strategy", "subsampling", "mean", "std", "seeds"],
        ),
        notes=NOTES,
    )
