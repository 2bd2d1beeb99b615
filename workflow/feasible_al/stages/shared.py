"""What jobs of one process share that differ in their seed alone: the dataset, tokenized for the model."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from feasible_al.config import Config
from feasible_al.data import store
from feasible_al.data.types import Dataset
from feasible_al.jobs import Prepare
from feasible_al.results.integrity import Result, results_by_file

if TYPE_CHECKING:  # slow to import, and random sampling trains nothing
    from feasible_al.stages.fitting import Fitting


class Shared:
    """Datasets and fittings, each made when the first job asks for it.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        threads: CPU threads.

    Attributes:
        threads: CPU threads.
        verified: the files that were checked for one of the jobs.
    """

    def __init__(self, config: Config, run_folder: Path, threads: int) -> None:
        self.threads, self.verified = threads, set[Path]()
        self._config, self._run_folder = config, run_folder
        self._datasets: dict[str, Dataset] = {}
        self._fittings: dict[tuple[str, str], Fitting] = {}

    @cached_property
    def made(self) -> dict[Path, Result]:
        """See :func:`results_by_file`."""
        return results_by_file(self._config)

    def dataset(self, name: str) -> Dataset:
        """A dataset as prepared.

        Raises:
            InputError: if its files are missing.
        """
        if name not in self._datasets:
            self._datasets[name] = store.read(self._run_folder / Prepare(name).folder)
        return self._datasets[name]

    def fitting(self, dataset: str, model: str, first: int) -> "Fitting":
        """A model, ready to be fitted on a dataset; its clock holds at most the time of the tokenization.

        Args:
            dataset: its name.
            model: its name.
            first: the iteration or point under which the tokenization's time is recorded.
        """
        from feasible_al.stages.fitting import Fitting

        key = dataset, model
        if key in self._fittings:
            self._fittings[key].forget()
        else:
            data = self.dataset(dataset)
            self._fittings[key] = Fitting(
                self._config, dataset, model, data, self._run_folder, self.threads, first
            )
        return self._fittings[key]
