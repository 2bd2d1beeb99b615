"""``feasible-al validate``: check a config, and whether its sources exist."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from feasible_al.commands.narrow import Part, load_part
from feasible_al.config import Config
from feasible_al.config.blocks import ByConfidence
from feasible_al.config.models import GloveVectors
from feasible_al.core.errors import InputError
from feasible_al.core.values import existing_file
from feasible_al.data import sources
from feasible_al.jobs import (
    Acquire,
    ImportLabels,
    Job,
    Successor,
    dataset_key,
    jobs_of,
    model_key,
    options_of,
)
from feasible_al.jobs.targets import jobs_for_targets
from feasible_al.models import checkpoints
from feasible_al.models.architectures.cnn_bilstm_crf import CnnBilstmCrf
from feasible_al.models.architectures.encoder import Encoder, check_frozen
from feasible_al.results.reuse import earlier_runs


def validate(configs: Sequence[Path], part: Part) -> str:
    """Check a config; return a sentence with the number of its datasets, series, seeds and fits.

    Args:
        configs: config files; later ones override earlier ones.
        part: seeds, points, figures and tables; only their sources are checked, or all when nothing is named.

    Raises:
        InputError: with every fault found, one per line.
    """
    config, targets = load_part("validate", configs, part)
    jobs = jobs_of(config)
    check_sources(config, None if part == Part() else jobs_for_targets(config, targets))
    counts = f"{len(jobs.prepare)} datasets, {len(config.series)} series, {len(config.seeds)} seeds"
    fits = f"{len(jobs.acquire)} trajectories, {len(jobs.successor)} successors"
    files = ", ".join(map(str, configs))
    return f"{files}: good. {counts}: {fits}, {len(jobs.full)} full-data fits."


def check_sources(config: Config, jobs: Iterable[Job] | None = None) -> None:
    """Check that files, wheels, checkpoints and earlier runs are as the config says; nothing is downloaded.

    Args:
        config: the resolved config.
        jobs: those whose sources are checked; everything that the config names when None.

    Raises:
        InputError: with every fault found, one per line.
    """
    faults = []
    for check in _checks(config, jobs):
        try:
            check()
        except InputError as error:
            faults.append(str(error))
    if faults:
        raise InputError("\n".join(faults))


def _checks(config: Config, jobs: Iterable[Job] | None) -> Iterator[Callable[[], object]]:
    every = list(jobs_of(config) if jobs is None else jobs)
    read = {job.outside(config) for job in every}
    yield partial(earlier_runs, config)
    for name, dataset in config.datasets.items():
        if not dataset.skip and (jobs is None or dataset_key(name) in read):
            yield partial(sources.check, dataset, f"datasets.{name}")
    for job in every:
        if isinstance(job, Acquire) and job.strategy in config.imported_trajectories:
            file = config.imported_trajectories[job.strategy].file(job.dataset, job.seed)
            yield partial(existing_file, file, f"imported_trajectories.{job.strategy}.path")
        if isinstance(job, ImportLabels):
            yield partial(_check_labels, config, job, every)
    for name, model in config.models.items():
        if jobs is None or model_key(name) in read:
            match model:
                case Encoder(weights=weights):
                    yield partial(checkpoints.check, weights, f"models.{name}")
                    yield partial(check_frozen, model, config.models, f"models.{name}")
                case CnnBilstmCrf(embeddings=GloveVectors(url="", path=path)):
                    yield partial(existing_file, path, f"models.{name}.embeddings.path")


def _check_labels(config: Config, job: ImportLabels, jobs: Iterable[Job]) -> None:
    """Check the file of an imported labeller, as far as it can be without its dataset."""
    from feasible_al.results.imported import NO_CONFIDENCE, read_labels

    where = f"imported_labellers.{job.labeller}.path"
    path = existing_file(config.imported_labellers[job.labeller].file(job.dataset), where)
    confident = "confidence" in read_labels(path)[0][1]
    taught = (other for other in jobs if isinstance(other, Successor) and other.labelling(config) == job)
    for other in taught:
        if isinstance(options_of(config, other).drop, ByConfidence) and not confident:
            raise InputError(NO_CONFIDENCE.format(f"pseudo_labels.{other.variant}.drop"), str(path))
