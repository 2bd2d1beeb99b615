"""Repositories of the Hugging Face Hub: fetched into its cache with a network, read from there without one.

The environment variable ``HF_HOME`` says where the cache is. The cache keeps a list of each repository's
files, by which an incomplete snapshot is recognised.
"""

import fcntl
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from logging import ERROR
from pathlib import Path, PurePosixPath
from typing import Literal

from feasible_al.core.errors import InputError
from feasible_al.core.io import whole

CARD = "README.md"  # gives the licence, and for a dataset also the layout of its files
FETCH = "run feasible-al fetch with this config where there is a network"
COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Repository:
    """A repository of the Hub at a revision, and which of its files are needed.

    Attributes:
        kind: of the repository.
        name: owner/name.
        revision: commit, tag or branch; a tag or branch stays at the commit that was fetched first.
        patterns: glob patterns of the needed files.
        where: the config key, for errors.
    """

    kind: Literal["dataset", "model"]
    name: str
    revision: str
    patterns: tuple[str, ...]
    where: str = field(compare=False)

    def __str__(self) -> str:
        return f"{self.name} at {self.revision}"

    def needs(self, path: str) -> bool:
        """Whether ``path`` is one of the needed files."""
        return any(fnmatch(path, pattern) for pattern in self.patterns)


def snapshot(repository: Repository) -> Path:
    """The cached folder with a repository's files, named after their commit; the network is not used.

    Raises:
        InputError: if a file is missing.
    """
    import huggingface_hub
    from huggingface_hub.errors import CachedRepoTreeNotFoundError, LocalEntryNotFoundError

    with _explained(repository):
        try:
            folder = _library(repository, repository.patterns, network=False)
            # Older versions of the library kept no list of files, without which completeness is unknown.
            listing(repository)
        except (LocalEntryNotFoundError, CachedRepoTreeNotFoundError) as error:
            cache = huggingface_hub.constants.HF_HUB_CACHE
            message = f"{repository} is not in {cache}, or is incomplete; {FETCH}"
            raise InputError(message, repository.where) from error
    return folder


def commit_of(repository: Repository) -> str:
    """The commit that a repository's revision has in the cache.

    Raises:
        InputError: if the revision is a tag or branch and the cache does not have the repository.
    """
    pinned = COMMIT.fullmatch(repository.revision)
    return repository.revision if pinned else snapshot(repository).name


def fetch(repository: Repository) -> Path:
    """Fetch the files that the cache lacks, and return the folder with a repository's files.

    Raises:
        InputError: if a file cannot be fetched, the repository has none, or the cache cannot be written.
    """
    import huggingface_hub

    cache = Path(huggingface_hub.constants.HF_HUB_CACHE)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        locks = _locks(cache)
    except OSError as error:
        message = f"{cache} cannot be written ({error.strerror}); set HF_HOME to a folder that can be written"
        raise InputError(f"{message} and that jobs can read", repository.where) from error
    with _explained(repository):
        if locks:
            _library(repository, repository.patterns, network=True)
        else:
            _fetch_without_locks(repository)
    if not any(map(repository.needs, there := listing(repository))):
        message = f"{repository} has none of {', '.join(repository.patterns)}; there are: {', '.join(there)}"
        raise InputError(message, repository.where)
    return snapshot(repository)


def listing(repository: Repository) -> dict[str, int]:
    """The size in bytes of each file of a repository by path, as noted in the cache.

    Raises:
        huggingface_hub.errors.CachedRepoTreeNotFoundError: if the repository was not fetched.
    """
    import huggingface_hub

    name, kind, revision = repository.name, repository.kind, repository.revision
    tree = huggingface_hub.get_cached_repo_tree(name, repo_type=kind, revision=revision)
    return {file.path: file.size for file in tree}


def check_arrived(repository: Repository, folder: Path) -> None:
    """Check that each fetched file has the size that the Hub lists.

    Raises:
        InputError: naming the first file of another size.
    """
    for path, size in listing(repository).items():
        if repository.needs(path) and (found := (folder / path).stat().st_size) != size:
            message = f"{path} of {repository} has {found:,} bytes, not {size:,}"
            raise InputError(f"{message}; remove {folder.parents[1]} and fetch it again", repository.where)


def _library(repository: Repository, patterns: Sequence[str], *, network: bool) -> Path:
    """Let the Hub's own library find a repository's files, or fetch them; returns their folder."""
    from huggingface_hub import snapshot_download

    folder = snapshot_download(
        repository.name,
        repo_type=repository.kind,
        revision=repository.revision,
        allow_patterns=list(patterns),
        local_files_only=not network,
    )
    return Path(folder)


def _locks(folder: Path) -> bool:
    """Whether files in ``folder`` can be locked; on some shared file systems this is an error."""
    with tempfile.TemporaryFile(dir=folder) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _fetch_without_locks(repository: Repository) -> None:
    """Fetch into the cache as its library does, but without locks: every file is written whole instead."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers, logging  # type: ignore[attr-defined]  # lazy

    verbosity = logging.get_verbosity()
    logging.set_verbosity(ERROR)  # it warns that no file is fetched, but only the list of files is wanted
    try:
        folder = _library(repository, (), network=True)
    finally:
        logging.set_verbosity(verbosity)
    for path, size in listing(repository).items():
        if ".." in PurePosixPath(path).parts or PurePosixPath(path).is_absolute():
            raise ValueError(f"it lists a file outside its own folder, {path}")
        if repository.needs(path) and not (folder / path).is_file():
            url = hf_hub_url(repository.name, path, repo_type=repository.kind, revision=folder.name)
            with whole(folder / path) as temporary, temporary.open("wb") as file:
                http_get(url, file, headers=build_hf_headers(), expected_size=size, displayed_filename=path)


@contextmanager
def _explained(repository: Repository) -> Iterator[None]:
    """Turn the library's errors into an InputError that names the repository."""
    from httpx2 import HTTPError

    try:
        yield
    except (OSError, ValueError, HTTPError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{repository} cannot be fetched: {reason}", repository.where) from error
