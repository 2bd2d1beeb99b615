"""``feasible-al fetch``: fetch and check what a config needs from the network, before any job runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from yaml import YAMLError

from feasible_al.config import Config
from feasible_al.config.data import HubSource
from feasible_al.config.models import GloveVectors, HubWeights
from feasible_al.core.errors import InputError, printable
from feasible_al.core.hub import CARD, COMMIT, Repository, check_arrived, listing, snapshot
from feasible_al.core.hub import fetch as fetch_repository
from feasible_al.core.io import sha256_of
from feasible_al.data.kinds import hub
from feasible_al.jobs import Job, dataset_key, jobs_of, model_key
from feasible_al.models import checkpoints, vectors
from feasible_al.models.architectures.cnn_bilstm_crf import CnnBilstmCrf
from feasible_al.models.architectures.encoder import Encoder


@dataclass(frozen=True)
class Fetched:
    """Files fetched over the network, now or earlier.

    Attributes:
        what: a repository and its revision, or a URL.
        folder: where they are.
        files: their number.
        size: in bytes.
        licence: as named in the repository's card; empty if it names none.
        new: whether they were fetched just now, not earlier.
        pin: the setting that pins these files; empty if the config has it already.
    """

    what: str
    folder: Path
    files: int
    size: int
    licence: str
    new: bool
    pin: str = ""

    def __str__(self) -> str:
        state = "fetched" if self.new else "is there"
        licence = self.licence or "none named"
        size = f"{self.files} file{'s' if self.files > 1 else ''}, {self.size / 1e6:,.1f} MB"
        pin = f"; to pin it: {self.pin}" if self.pin else ""
        return f"{self.what} {state}: {size}, in {self.folder}; licence: {licence}{pin}"


def fetch(config: Config, jobs: Iterable[Job] | None = None) -> Iterator[Fetched]:
    """Fetch every repository and file that a job reads and that is not on disk yet, one after the other.

    Args:
        config: the resolved config.
        jobs: those whose sources are fetched; all of the run when None.

    Raises:
        InputError: if something cannot be fetched, a repository lacks a file, or a checkpoint cannot be used;
            names the config key.
    """
    read = {job.outside(config) for job in (jobs_of(config) if jobs is None else jobs)}
    done: set[Repository] = set()
    for name, dataset in config.datasets.items():
        where = f"{dataset_key(name)}.source"
        if dataset_key(name) in read and isinstance(dataset.source, HubSource):
            repository = hub.repository_of(dataset.source, where)
            if repository:
                yield from _once(repository, done)
                hub.check_files(dataset.source, where)
    for name, model in config.models.items():
        where = model_key(name)
        if where not in read:
            continue
        if isinstance(model, Encoder) and isinstance(model.weights, HubWeights):
            yield from _once(checkpoints.repository_of(model.weights, where), done)
            _check_usable(model.weights, where)
        elif isinstance(model, CnnBilstmCrf) and isinstance(model.embeddings, GloveVectors):
            yield from _vectors(model.embeddings, f"{where}.embeddings")


def _once(repository: Repository, done: set[Repository]) -> Iterator[Fetched]:
    if repository not in done:
        done.add(repository)
        yield _repository(repository)


def _repository(repository: Repository) -> Fetched:
    new = False
    try:
        folder = snapshot(repository)
    except InputError:
        folder, new = fetch_repository(repository), True
    check_arrived(repository, folder)
    sizes = [size for path, size in listing(repository).items() if repository.needs(path)]
    pin = "" if COMMIT.fullmatch(repository.revision) else f"revision: {folder.name}"
    return Fetched(str(repository), folder, len(sizes), sum(sizes), _licence(folder / CARD), new, pin)


def _licence(card: Path) -> str:
    """The licence that a repository's card names."""
    from huggingface_hub import metadata_load

    try:
        known = metadata_load(card) if card.is_file() else None
    except (ValueError, YAMLError):
        return "its card cannot be read"
    return printable(str((known or {}).get("license", "")))


def _check_usable(weights: HubWeights, where: str) -> None:
    """Read the config and the tokenizer of a checkpoint, as a job would; raises InputError for its faults."""
    from feasible_al.models.hugging_face import config_of, tokenizer_of

    checkpoint = checkpoints.locate(weights, where)
    config_of(checkpoint, where)
    tokenizer_of(checkpoint, where)


def _vectors(spec: GloveVectors, where: str) -> Iterator[Fetched]:
    new = vectors.fetch(spec, where)
    path = vectors.located(spec, where)
    if spec.url:
        pin = "" if spec.sha256 else f"sha256: {sha256_of(path)}"
        yield Fetched(spec.url, path.parent, 1, path.stat().st_size, "", new, pin)
