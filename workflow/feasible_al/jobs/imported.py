"""The job that reads the labels of an imported labeller."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feasible_al.config.schema import Config
from feasible_al.jobs import versions
from feasible_al.jobs.job import MANIFEST, PREDICTIONS, Job, labeller_key, read_outside
from feasible_al.jobs.prepared import Prepare, data_files


@dataclass(frozen=True, order=True)
class ImportLabels(Job):
    """A file of pseudo-labels, read and checked once for all seeds, trajectories and points."""

    stage = "import"
    seed = None
    files = (PREDICTIONS, MANIFEST)

    dataset: str
    labeller: str

    @property
    def folder(self) -> Path:
        """The folder of its results, below the run's folder."""
        return Path("labels", self.dataset, self.labeller)

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads, below the run's folder."""
        return data_files(self.dataset)

    def outside(self, config: Config) -> str:
        """The key of the labeller's file."""
        return labeller_key(self.labeller, self.dataset)

    def slice(self, config: Config) -> dict[str, Any]:
        """Everything that its results depend on."""
        return {
            "stage": ["import", versions.STAGES["import"]],
            "data": Prepare(self.dataset).slice(config),
            "metrics": config.datasets[self.dataset].stored_metrics,
            **read_outside(config, self.outside(config)),
        }
