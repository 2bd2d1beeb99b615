"""The job that prepares a dataset."""

from pathlib import Path

from feasible_al.config import Config
from feasible_al.data import store
from feasible_al.data.prepare import prepare as load
from feasible_al.jobs import Prepare, hash_of
from feasible_al.jobs.budget import amounts
from feasible_al.results.externals import repositories


def prepare(config: Config, job: Prepare, run_folder: Path) -> None:
    """Read, check and store a dataset; on an error nothing is written.

    Args:
        config: the resolved config.
        job: the dataset.
        run_folder: ``results/<run>``.

    Raises:
        InputError: naming the config key, or file and line of what is wrong; also when the budget does not
            fit the dataset, so that this is found before anything is trained.
    """
    where = f"datasets.{job.dataset}"
    block = config.datasets[job.dataset]
    prepared = load(block, where)
    amounts(block.budget, prepared.dataset, f"{where}.budget")
    known = {
        "hash": hash_of(config, job),
        "slice": job.slice(config),
        "repositories": repositories(config, job),
    }
    store.write(run_folder / job.folder, prepared, known)
