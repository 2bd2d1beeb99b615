"""Which datasets, series and jobs figures and tables are about, from the config alone."""

from feasible_al.config import Config
from feasible_al.config.blocks import Table
from feasible_al.jobs.fits import Trajectory


def datasets_run(config: Config) -> tuple[str, ...]:
    """The datasets that some series runs on, in config order."""
    run = {dataset for _, dataset in config.curves_run()}
    return tuple(name for name in config.datasets if name in run)


def datasets_named(config: Config) -> tuple[str, ...]:
    """The datasets that some series names, run or skipped, in config order."""
    named = {dataset for series in config.series.values() for dataset in series.datasets}
    return tuple(name for name in config.datasets if name in named)


def chosen_datasets(config: Config, block: Table) -> tuple[str, ...]:
    """The datasets of a table: the named ones, even if skipped, or all that some series runs on."""
    return block.datasets or datasets_run(config)


def chosen_series(config: Config, block: Table, dataset: str) -> tuple[str, ...]:
    """The series of a table that run on a dataset."""
    return tuple(name for name in block.series or config.series if dataset in config.series[name].datasets)


def reference_of(config: Config, dataset: str, series: str, strategy: str = "random") -> str | None:
    """The series of ``strategy`` with the same successor and labels on the dataset, or with gold alone.

    None for such a series itself, and where there is none.
    """
    block = config.series[series]
    if block.strategy == strategy:
        return None
    for labels in (block.learns, (None, "hard", "own")):
        for name, other in config.series.items():
            alike = other.successor == block.successor and other.learns == labels
            if other.strategy == strategy and alike and dataset in other.datasets:
                return name
    return None


def trajectory_of(config: Config, series: str, dataset: str, seed: int) -> Trajectory:
    """Which instances a series labels."""
    block = config.series[series]
    return Trajectory(dataset, block.acquisition, block.strategy, block.subsampling, seed)
