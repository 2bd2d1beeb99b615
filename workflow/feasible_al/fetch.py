"""``feasible-al fetch``: what a config needs from the network, fetched before any job runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from feasible_al.config import Config
from feasible_al.config.data import HubSource
from feasible_al.config.jobs import Job, dataset_key, model_key
from feasible_al.config.models import CnnBilstmCrf, Encoder, GloveVectors, HubWeights
from feasible_al.data.kinds import hub
from feasible_al.errors import InputError
from feasible_al.hub import CARD, Repository, snapshot
from feasible_al.models import checkpoints, vectors
from feasible_al.printable import printable


@dataclass(frozen=True)
class Fetched:
    """Files that came over the network.

    Attributes:
        what: a repository and its revision, or an address.
        folder: where they are now.
        files: how many.
        size: in bytes.
        licence: as the repository's card names it; empty where it does not.
        new: whether they were fetched just now rather than some time before.
    """

    what: str
    folder: Path
    files: int
    size: int
    licence: str
    new: bool

    def __str__(self) -> str:
        state = "fetched" if self.new else "is there"
        licence = self.licence or "it names none"
        size = f"{self.files} file{'s' if self.files > 1 else ''}, {self.size / 1e6:,.1f} MB"
        return f"{self.what} {state}: {size}, in {self.folder}; licence: {licence}"


def fetch(config: Config, jobs: Iterable[Job] | None = None) -> Iterator[Fetched]:
    """Fetch every repository and file that a config names and that is not there yet, one after the other.

    Args:
        config: the resolved config.
        jobs: those whose needs are fetched; whatever the config names when None.

    Raises:
        InputError: naming the config key of what cannot be fetched, or of a checkpoint that cannot be used.
    """
    done: set[Repository] = set()
    read = None if jobs is None else {job.outside(config) for job in jobs}
    for name, dataset in config.datasets.items():
        if read is not None and dataset_key(name) not in read:
            continue
        if isinstance(dataset.source, HubSource) and not dataset.skip:
            repository = hub.needed(dataset.source, f"datasets.{name}.source")
            if repository:
                yield from _once(repository, done)
    for name, model in config.models.items():
        where = f"models.{name}"
        if read is not None and model_key(name) not in read:
            continue
        if isinstance(model, Encoder) and isinstance(model.weights, HubWeights):
            yield from _once(checkpoints.needed(model.weights, where), done)
            checkpoints.locate(model.weights, where)
        elif isinstance(model, CnnBilstmCrf) and isinstance(model.embeddings, GloveVectors):
            yield from _vectors(model.embeddings, f"{where}.embeddings")


def _once(repository: Repository, done: set[Repository]) -> Iterator[Fetched]:
    if repository not in done:
        done.add(repository)
        yield _repository(repository)


def _repository(repository: Repository) -> Fetched:
    from huggingface_hub import metadata_load

    new = False
    try:
        folder = snapshot(repository)
    except InputError:
        folder, new = snapshot(repository, network=True), True
    files = [path for path in folder.rglob("*") if path.is_file() and _needed(path, folder, repository)]
    card = metadata_load(folder / CARD) if (folder / CARD).is_file() else None
    licence = printable(str((card or {}).get("license", "")))
    what = f"{repository.name} at {repository.revision}"
    return Fetched(what, folder, len(files), sum(path.stat().st_size for path in files), licence, new)


def _needed(path: Path, folder: Path, repository: Repository) -> bool:
    """Whether a file is one of those that were asked for; others in the cache are somebody else's."""
    return any(fnmatch(path.relative_to(folder).as_posix(), pattern) for pattern in repository.patterns)


def _vectors(spec: GloveVectors, where: str) -> Iterator[Fetched]:
    if spec.url:
        new = vectors.fetch(spec, where)
        path = vectors.located(spec, where)
        yield Fetched(spec.url, path.parent, 1, path.stat().st_size, "", new)
