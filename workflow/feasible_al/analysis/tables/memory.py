"""Peak memory of acquisition, by acquisition model."""

from dataclasses import asdict
from functools import partial

from feasible_al.analysis.acquirers import acquirer_labels, acquirers_of
from feasible_al.analysis.intervals import plus_minus, spread
from feasible_al.analysis.tables.base import Column, TableData, acquirer_columns, table
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import chosen_datasets, chosen_series
from feasible_al.results.collect import Results

NOTES = (
    "Peak memory: the most memory that an acquisition job held at any time, mean ± sample standard deviation "
    "over seeds; GPU memory on a GPU, memory of the process on a CPU.",
)


@table("memory", section="times", reads=("memory",))
def memory(config: Config, block: Table, results: Results) -> TableData:
    """One row per dataset and acquisition model."""
    names = chosen_datasets(config, block)
    every = [a for name in names for a in acquirers_of(config, name, chosen_series(config, block, name))]
    columns = (
        *acquirer_columns(config, acquirer_labels(config, every)),
        Column(("mean", "std", "seeds"), "Peak memory (megabytes)", partial(plus_minus, decimals=0)),
    )
    records = [
        {**asdict(acquirer), "acquirer": acquirer, "mean": spread(results.peak_memory.get(acquirer, ()))}
        for acquirer in every
    ]
    return TableData.of(block.title or "Peak memory of acquisition", columns, records, NOTES)
