"""Where a checkpoint's files are, checked before anything is loaded: safetensors only, hash as pinned."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feasible_al.config.models import (
    DistilledWeights,
    FolderWeights,
    HubWeights,
    ScratchWeights,
    Weights,
    WheelWeights,
)
from feasible_al.data.paths import expand
from feasible_al.data.wheels import wheel_folder
from feasible_al.errors import InputError
from feasible_al.io import sha256_of


@dataclass(frozen=True)
class Checkpoint:
    """What ``from_pretrained`` is called with; remote code is never allowed.

    Attributes:
        name: a folder, or a repository of the Hub.
        revision: of a repository; None for a folder.
        layers: how many first layers are kept; None for all.
    """

    name: str
    revision: str | None
    layers: int | None = None

    @property
    def arguments(self) -> tuple[str]:
        """Positional arguments."""
        return (self.name,)

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments."""
        options: dict[str, Any] = {"trust_remote_code": False}
        return options | (
            {"local_files_only": True} if self.revision is None else {"revision": self.revision}
        )


def locate(weights: Weights, where: str, student: Path | None = None) -> Checkpoint:
    """The checkpoint that a config names.

    Args:
        weights: the config block.
        where: its model's config key, for errors.
        student: the folder where the workflow leaves this model when it is distilled.

    Raises:
        InputError: if a folder or wheel is missing, holds no safetensors weights, or has another hash.
    """
    if isinstance(weights, HubWeights):
        return Checkpoint(weights.repository, weights.revision)
    if isinstance(weights, WheelWeights):
        folder = wheel_folder(weights.distribution, weights.folder, f"{where}.weights")
        _check_weights(folder, f"{where}.weights")
        found = sha256_of(folder / "model.safetensors")
        if found != weights.sha256:
            raise InputError(
                f"model.safetensors of {weights.distribution} has sha256 {found}, not {weights.sha256}",
                f"{where}.weights.sha256",
            )
    elif isinstance(weights, DistilledWeights) and student is not None:
        folder = student
        _check_weights(folder, f"{where}.weights")
    elif isinstance(weights, FolderWeights):
        folder = Path(expand(weights.path, f"{where}.weights.path"))
        _check_weights(folder, f"{where}.weights.path")
        return Checkpoint(os.fspath(folder), None, weights.layers)
    else:
        raise TypeError(f"{weights.kind} weights have no checkpoint")
    return Checkpoint(os.fspath(folder), None)


def check(weights: Weights, where: str) -> None:
    """Everything that can be said about a checkpoint before a job runs; nothing is downloaded.

    Raises:
        InputError: as :func:`locate`.
    """
    if not isinstance(weights, (ScratchWeights, DistilledWeights)):
        locate(weights, where)


def _check_weights(folder: Path, where: str) -> None:
    if not folder.is_dir():
        raise InputError(f"there is no checkpoint folder {folder}", where)
    if not (folder / "config.json").is_file():
        raise InputError(f"{folder} has no config.json: not a checkpoint folder", where)
    if not any(folder.glob("*.safetensors")):
        other = sorted(
            path.name for path in folder.iterdir() if path.suffix in {".bin", ".pt", ".pth", ".h5"}
        )
        found = f"only {', '.join(other)}" if other else "no weights at all"
        raise InputError(
            f"{folder} has {found}; weights are read from safetensors alone, since pickles can run code",
            where,
        )
