"""Pretrained word vectors in Stanford's text format."""

import shutil
import urllib.request
import zipfile
from collections.abc import Set
from pathlib import Path

import numpy as np
from filelock import FileLock

from feasible_al.config.models import GloveVectors
from feasible_al.data.paths import expand
from feasible_al.errors import InputError
from feasible_al.hub import FETCH
from feasible_al.io import sha256_of, whole


def glove(spec: GloveVectors, wanted: Set[str], where: str) -> dict[str, np.ndarray]:
    """The vectors of the wanted words that the file has: float32[size] each, at least one.

    Args:
        spec: the config block.
        wanted: lower-case words.
        where: the config key of the block, for errors.

    Raises:
        InputError: if the file is absent, has another hash, or is not in Stanford's format (file and line).
    """
    path = located(spec, where)
    vectors: dict[str, np.ndarray] = {}
    size = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            place = f"{path}:{number}"
            parts = line.rstrip().split(b" ") if not size else line.rstrip().rsplit(b" ", size)
            if not size:
                size = len(parts) - 1
                if size < 2:
                    raise InputError("a line must be a word and its numbers; no header", place)
                if spec.size not in {None, size}:
                    raise InputError(f"{size} numbers, but {where}.size says {spec.size}", place)
            if len(parts) != size + 1:
                raise InputError(f"a word and {size} numbers are expected, as on the first line", place)
            try:
                word = parts[0].decode("utf-8")
                if word in wanted:
                    vectors[word] = np.array([float(part) for part in parts[1:]], dtype=np.float32)
                    if not np.isfinite(vectors[word]).all():
                        raise ValueError("not finite")
            except ValueError as error:
                raise InputError(f"not a word in UTF-8 and {size} numbers ({error})", place) from error
    if not vectors:
        raise InputError(f"{path} has none of the dataset's words", where)
    return vectors


def fetch(spec: GloveVectors, where: str) -> bool:
    """Fetch the file of a config block from its url, unless it is there; whether it was fetched.

    Raises:
        InputError: if it cannot be fetched, or has another hash.
    """
    path = Path(expand(spec.path, f"{where}.path"))
    if path.is_file():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock")):
        if path.is_file():
            return False
        _fetch(spec, path, where)
    return True


def located(spec: GloveVectors, where: str) -> Path:
    """The file of a config block, checked if it has a hash.

    Raises:
        InputError: if it is absent, or has another hash.
    """
    path = Path(expand(spec.path, f"{where}.path"))
    if not path.is_file():
        remedy = FETCH if spec.url else "name one, or a url to fetch it from"
        raise InputError(f"there is no file {path}; {remedy}", f"{where}.path")
    if spec.sha256 is not None:
        _check(path, spec.sha256, f"{where}.sha256")
    return path


def _fetch(spec: GloveVectors, path: Path, where: str) -> None:
    """Download to ``path``; from a zip archive, the member of that name."""
    if not spec.url.startswith("https://"):
        raise InputError(f"{spec.url} is not an https address", f"{where}.url")
    download = path.with_name(f".{path.name}.download")
    try:
        with urllib.request.urlopen(spec.url) as answer, download.open("wb") as file:  # noqa: S310 - https
            shutil.copyfileobj(answer, file)
        with whole(path) as temporary:
            if spec.url.endswith(".zip"):
                with zipfile.ZipFile(download).open(path.name) as member, temporary.open("wb") as file:
                    shutil.copyfileobj(member, file)
            else:
                shutil.copyfile(download, temporary)
            _check(temporary, spec.sha256 or "", f"{where}.sha256")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{spec.url} cannot be fetched: {error}", f"{where}.url") from error
    finally:
        download.unlink(missing_ok=True)


def _check(path: Path, expected: str, where: str) -> None:
    found = sha256_of(path)
    if found != expected:
        raise InputError(f"{path.name} has sha256 {found}, not {expected}", where)
