"""What can be checked before any job runs, beyond the config itself: that its sources are there."""

from feasible_al.config import Config
from feasible_al.config.jobs import jobs_of
from feasible_al.config.models import CnnBilstmCrf, Encoder, GloveVectors
from feasible_al.data import sources
from feasible_al.data.paths import existing_file
from feasible_al.errors import InputError
from feasible_al.models import checkpoints
from feasible_al.reuse import check_runs


def check_sources(config: Config) -> None:
    """Check that files, wheels, checkpoints and earlier runs are as the config says; nothing is downloaded.

    Raises:
        InputError: with every fault found, a line each.
    """
    faults = []
    try:
        check_runs(config)
    except InputError as error:
        faults.append(str(error))
    for name, dataset in config.datasets.items():
        try:
            if not dataset.skip:
                sources.check(dataset, f"datasets.{name}")
        except InputError as error:
            faults.append(str(error))
    for job in jobs_of(config).trajectories:
        try:
            if job.strategy in config.trajectories:
                block = config.trajectories[job.strategy]
                existing_file(block.file(job.dataset, job.seed), f"trajectories.{job.strategy}.path")
        except InputError as error:
            faults.append(str(error))
    for name, model in config.models.items():
        try:
            match model:
                case Encoder(weights=weights):
                    checkpoints.check(weights, f"models.{name}")
                case CnnBilstmCrf(embeddings=GloveVectors(url="", path=path)):
                    existing_file(path, f"models.{name}.embeddings.path")
        except InputError as error:
            faults.append(str(error))
    if faults:
        raise InputError("\n".join(faults))
