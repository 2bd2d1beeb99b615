"""Files from outside a run that its jobs read, known by what they held when the run was planned.

Under one name a dataset, a checkpoint, word vectors or a trajectory from elsewhere can become another. So the
SHA-256 of their files are part of the resolved config, and of the slice of every job that depends on them.
Digests are kept beside the results, and worked out again when a file has another size or other times.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from feasible_al.config import Config
from feasible_al.config.data import DatasetBlock, HubSource
from feasible_al.config.models import GloveVectors, HubWeights
from feasible_al.core.errors import InputError
from feasible_al.core.hub import commit_of
from feasible_al.core.io import read_json, sha256_of, write_json
from feasible_al.core.values import existing_file
from feasible_al.data import sources
from feasible_al.data.kinds import hub
from feasible_al.jobs import Job, dataset_key, model_key, trajectory_key
from feasible_al.models import checkpoints
from feasible_al.models.architectures.cnn_bilstm_crf import CnnBilstmCrf
from feasible_al.models.architectures.encoder import Encoder

PLANNED = "externals.json"
KNOWN = "digests.json"
RECENT = 2 * 10**9  # ns; where a file system's clock is coarse, a file can change twice without a sign

Files = dict[str, Path]
"""By the names that the config, or a folder in it, gives them; the names are the same on every machine."""


def settled(config: Config, run_folder: Path) -> Config:
    """The config with the digests of all files from outside, as they are now; they are kept for next time.

    What cannot be found or read is left out: the job that needs it says so.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
    """
    digests = Digests(run_folder)
    config = as_now(config, digests)
    digests.keep()
    return config


def as_now(config: Config, digests: "Digests") -> Config:
    """The config with the digests of files as they are now, where they can be found; see :func:`settled`."""
    found = {}
    for key, finder in _finders(config).items():
        try:
            if files := finder():
                found[key] = digests.of(files)
        except (InputError, OSError):  # OSError: of a folder that may not be looked into
            continue
    return config.with_externals(config.externals | found)


def record(config: Config, run_folder: Path) -> None:
    """Note the digests that a run starts with, for processes that plan parts of it."""
    write_json(run_folder / PLANNED, config.externals)


def recorded(config: Config, run_folder: Path) -> Config:
    """The config with the digests that the run was started with."""
    path = run_folder / PLANNED
    return config.with_externals(read_json(path) if path.exists() else {})


def check_unchanged(config: Config, job: Job, run_folder: Path) -> None:
    """Check that what a job is about to read from outside is what the run was planned with.

    Raises:
        InputError: naming the config key and the file that changed since, or what cannot be found.
    """
    key = job.outside(config)
    if key not in config.externals:
        return
    planned, now = config.externals[key], Digests(run_folder).of(_finders(config)[key]())
    for name in sorted(planned.keys() | now.keys()):
        if planned.get(name) != now.get(name):
            message = f"{name} has changed since this run was planned; start it again"
            raise InputError(f"{message}, and what depends on it is computed anew", key)


def repositories(config: Config, job: Job) -> dict[str, str]:
    """The commit of the Hub's repository that a job reads, by its name; empty where it reads none.

    Raises:
        InputError: if its revision is a name, and it is not in the cache.
    """
    key = job.outside(config)
    block, _, name = key.partition(".")
    blocks: dict[str, Mapping[str, object]] = {"datasets": config.datasets, "models": config.models}
    match blocks.get(block, {}).get(name):
        case DatasetBlock(source=HubSource() as source):
            repository = hub.repository_of(source, f"{key}.source")
        case Encoder(weights=HubWeights() as weights):
            repository = checkpoints.repository_of(weights, key)
        case _:
            repository = None
    return {repository.name: commit_of(repository)} if repository else {}


class Digests:
    """SHA-256 of files, kept in a run's folder by size and times of a file.

    Args:
        run_folder: ``results/<run>``.
    """

    def __init__(self, run_folder: Path) -> None:
        self._path = run_folder / KNOWN
        self._known: dict[str, list[int | str]] = read_json(self._path) if self._path.exists() else {}
        self._new = False

    def of(self, files: Files) -> dict[str, str]:
        """The first 16 hex digits of each file's digest, by its name.

        Raises:
            InputError: if a file cannot be read.
        """
        return {name: self._digest(path) for name, path in sorted(files.items())}

    def keep(self) -> None:
        """Write down what was worked out, where the run has a folder."""
        if self._new and self._path.parent.is_dir():
            write_json(self._path, self._known)

    def _digest(self, path: Path) -> str:
        place = str(path.resolve())
        try:
            status = path.stat()
            # Copies can keep the time of their content, but not the time of the change itself.
            seen = [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
            *before, digest = self._known.get(place, [""])
            if before != seen:
                digest = sha256_of(path)[:16]
                if time.time_ns() - max(seen[1:]) > RECENT:
                    self._known[place], self._new = [*seen, digest], True
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", str(path)) from error
        return str(digest)


def _finders(config: Config) -> dict[str, Callable[[], Files]]:
    """By config key, what looks for the files."""
    return dict(_of_datasets(config)) | dict(_of_models(config)) | dict(_of_trajectories(config))


Finders = Iterator[tuple[str, Callable[[], Files]]]


def _of_datasets(config: Config) -> Finders:
    for name in sorted({dataset for _, dataset in config.curves_run()}):
        key = dataset_key(name)
        yield key, partial(sources.files_of, config.datasets[name].source, f"{key}.source")


def _of_models(config: Config) -> Finders:
    for name, model in config.models.items():
        key = model_key(name)
        if isinstance(model, Encoder):
            yield key, partial(checkpoints.files_of, model.weights, f"{key}.weights")
        elif isinstance(model, CnnBilstmCrf) and isinstance(model.embeddings, GloveVectors):
            yield key, partial(_named, model.embeddings.path, f"{key}.embeddings.path")


def _of_trajectories(config: Config) -> Finders:
    for series, dataset in config.curves_run():
        name = config.series[series].strategy
        if name in config.imported_trajectories:
            for seed in config.seeds:
                file = config.imported_trajectories[name].file(dataset, seed)
                key = trajectory_key(name, dataset, seed)
                yield key, partial(_named, file, f"imported_trajectories.{name}.path")


def _named(path: str, where: str) -> Files:
    return {path: existing_file(path, where)}
