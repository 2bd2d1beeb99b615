"""What can be checked before any job runs, beyond the config itself: that its sources are there."""

from collections.abc import Iterable

from feasible_al.config import Config
from feasible_al.config.jobs import Job, Trajectory, dataset_key, jobs_of, model_key
from feasible_al.config.models import Encoder
from feasible_al.data import sources
from feasible_al.data.paths import existing_file
from feasible_al.errors import InputError
from feasible_al.models import checkpoints
from feasible_al.reuse import check_runs


def check_sources(config: Config, jobs: Iterable[Job] | None = None) -> None:
    """Check that files, wheels, checkpoints and earlier runs are as the config says; nothing is downloaded.

    Args:
        config: the resolved config.
        jobs: those whose sources are checked; whatever the config names when None.

    Raises:
        InputError: with every fault found, a line each.
    """
    faults = []
    every = list(jobs_of(config) if jobs is None else jobs)
    read = None if jobs is None else {job.outside(config) for job in every}
    try:
        check_runs(config)
    except InputError as error:
        faults.append(str(error))
    for name, dataset in config.datasets.items():
        try:
            if not dataset.skip and (read is None or dataset_key(name) in read):
                sources.check(dataset, f"datasets.{name}")
        except InputError as error:
            faults.append(str(error))
    for job in every:
        try:
            if isinstance(job, Trajectory) and job.strategy in config.trajectories:
                block = config.trajectories[job.strategy]
                existing_file(block.file(job.dataset, job.seed), f"trajectories.{job.strategy}.path")
        except InputError as error:
            faults.append(str(error))
    for name, model in config.models.items():
        try:
            if isinstance(model, Encoder) and (read is None or model_key(name) in read):
                checkpoints.check(model.weights, f"models.{name}")
        except InputError as error:
            faults.append(str(error))
    if faults:
        raise InputError("\n".join(faults))
