"""Digests of the files that jobs read from outside a run: data, checkpoints, word vectors, imported files.

Such a file can change under the same name. So their SHA-256 when the run is planned are part of the resolved
config, and of the slice of every job that depends on them. Digests are kept beside the results, and computed
again only when the size or the times of a file change.
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
from feasible_al.jobs import Job, dataset_key, labeller_key, model_key, trajectory_key
from feasible_al.models import checkpoints
from feasible_al.models.architectures.cnn_bilstm_crf import CnnBilstmCrf
from feasible_al.models.architectures.encoder import Encoder

PLANNED = "externals.json"
KNOWN = "digests.json"
RECENT = 2 * 10**9  # ns; a file system with a coarse clock gives two changes this close the same time

Files = dict[str, Path]
"""Paths by the file's name in the config or in a checkpoint's folder, the same on every machine."""


def with_digests(config: Config, run_folder: Path) -> Config:
    """The config with the current digests of all files from outside, which are saved for next time.

    Files that cannot be found or read are left out; the job that needs one raises an error.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
    """
    digests = Digests(run_folder)
    config = with_current_digests(config, digests)
    digests.save()
    return config


def with_current_digests(config: Config, digests: "Digests") -> Config:
    """As :func:`with_digests`, with digests that are read from ``digests`` and added to it, and not saved."""
    found = {}
    for key, finder in _finders(config).items():
        try:
            if files := finder():
                found[key] = digests.of(files)
        except (InputError, OSError):  # OSError: no permission to list the folder
            continue
    return config.with_externals(config.externals | found)


def write_planned(config: Config, run_folder: Path) -> None:
    """Write the digests that a run starts with, for its other processes."""
    write_json(run_folder / PLANNED, config.externals)


def with_planned_digests(config: Config, run_folder: Path) -> Config:
    """The config with the digests that :func:`write_planned` wrote."""
    path = run_folder / PLANNED
    return config.with_externals(read_json(path) if path.exists() else {})


def check_unchanged(config: Config, job: Job, run_folder: Path) -> None:
    """Check that the files from outside that a job will read have not changed since the run was planned.

    Raises:
        InputError: naming the config key and the file that changed, or that cannot be found.
    """
    key = job.outside(config)
    if key not in config.externals:
        return
    planned, now = config.externals[key], Digests(run_folder).of(_finders(config)[key]())
    for name in sorted(planned.keys() | now.keys()):
        if planned.get(name) != now.get(name):
            message = f"{name} has changed since this run was planned; start the run again"
            raise InputError(f"{message}, then the jobs that depend on the file run again", key)


def repositories(config: Config, job: Job) -> dict[str, str]:
    """The commit of the Hub repository that a job reads, by the repository's name; empty if it reads none.

    Raises:
        InputError: if the revision is a branch or tag that is not in the cache.
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
    """The first 16 hex digits of the SHA-256 of files, kept in a run's folder.

    They are computed again when the size or the times of a file change.

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

    def save(self) -> None:
        """Write the new digests, if the run has a folder."""
        if self._new and self._path.parent.is_dir():
            write_json(self._path, self._known)

    def _digest(self, path: Path) -> str:
        place = str(path.resolve())
        try:
            status = path.stat()
            # `cp -p` keeps size and modification time, so the change time is compared too.
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
    """For each config key, the function that finds its files."""
    parts = (_of_datasets, _of_models, _of_trajectories, _of_labellers)
    return {key: finder for part in parts for key, finder in part(config)}


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
            yield key, partial(_one_file, model.embeddings.path, f"{key}.embeddings.path")


def _of_trajectories(config: Config) -> Finders:
    for series, dataset in config.curves_run():
        name = config.series[series].strategy
        if name in config.imported_trajectories:
            for seed in config.seeds_of(series):
                file = config.imported_trajectories[name].file(dataset, seed)
                key = trajectory_key(name, dataset, seed)
                yield key, partial(_one_file, file, f"imported_trajectories.{name}.path")


def _of_labellers(config: Config) -> Finders:
    for series, dataset in config.curves_run():
        name = config.series[series].labeller
        if name in config.imported_labellers:
            file = config.imported_labellers[name].file(dataset)
            yield labeller_key(name, dataset), partial(_one_file, file, f"imported_labellers.{name}.path")


def _one_file(path: str, where: str) -> Files:
    return {path: existing_file(path, where)}
