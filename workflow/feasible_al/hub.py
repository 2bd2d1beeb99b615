"""Repositories of the Hugging Face Hub in its own cache: fetched where there is a network, read everywhere.

The cache is where ``HF_HOME`` says. It keeps a list of each repository's files, so a snapshot that was cut
off is never taken for a whole one.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from feasible_al.errors import InputError

CARD = "README.md"  # says what the licence is, and of a dataset how its files are laid out
FETCH = "run feasible-al fetch with this config where there is a network"


@dataclass(frozen=True)
class Repository:
    """What is needed of a repository of the Hub.

    Attributes:
        kind: of repository.
        name: owner/name.
        revision: commit, tag or branch; the last two stay at the commit that was fetched first.
        patterns: of the files.
        where: the config key, for errors.
    """

    kind: Literal["dataset", "model"]
    name: str
    revision: str
    patterns: tuple[str, ...]
    where: str = field(compare=False)


def snapshot(repository: Repository, *, network: bool = False) -> Path:
    """The folder with a repository's files.

    Args:
        repository: which one.
        network: whether files that are not in the cache are fetched.

    Raises:
        InputError: if they are not there, or cannot be fetched.
    """
    import huggingface_hub
    from httpx2 import HTTPError
    from huggingface_hub.errors import CachedRepoTreeNotFoundError, LocalEntryNotFoundError

    name, kind, revision = repository.name, repository.kind, repository.revision
    try:
        found = huggingface_hub.snapshot_download(
            name,
            repo_type=kind,
            revision=revision,
            allow_patterns=list(repository.patterns),
            local_files_only=not network,
        )
        # Without the list, which older versions of the library did not keep, nothing says that all is there.
        huggingface_hub.get_cached_repo_tree(name, repo_type=kind, revision=revision)
    except (OSError, ValueError, HTTPError, CachedRepoTreeNotFoundError) as error:
        if not network and isinstance(error, (LocalEntryNotFoundError, CachedRepoTreeNotFoundError)):
            cache = huggingface_hub.constants.HF_HUB_CACHE
            message = f"{name} at {revision} is not in {cache}, or not all of it; {FETCH}"
            raise InputError(message, repository.where) from error
        reason = str(error).strip().partition("\n")[0]
        raise InputError(f"{name} at {revision} cannot be fetched: {reason}", repository.where) from error
    return Path(found)
