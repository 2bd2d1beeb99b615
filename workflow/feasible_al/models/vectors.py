"""Pretrained word vectors in Stanford's text format."""

import shutil
import tempfile
import urllib.request
import zipfile
from collections.abc import Set
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np

from feasible_al.config.models import GloveVectors
from feasible_al.core.errors import InputError
from feasible_al.core.hub import FETCH
from feasible_al.core.io import sha256_of, whole
from feasible_al.core.values import expand


def glove(spec: GloveVectors, wanted: Set[str], where: str) -> dict[str, np.ndarray]:
    """The vectors of the wanted words that the file has: float32[size] each, at least one.

    Args:
        spec: the config block.
        wanted: lower-case words.
        where: the config key of the block, for errors.

    Raises:
        InputError: if the file is missing, has another hash, or is not in Stanford's format (file and line).
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
    """Download the vectors of a config block if their file is missing and it has a url; True if done.

    Raises:
        InputError: if it cannot be fetched, or has another hash.
    """
    path = Path(expand(spec.path, f"{where}.path"))
    if not spec.url or path.is_file():
        return False
    if not spec.url.startswith("https://"):
        raise InputError(f"{spec.url} is not an https address", f"{where}.url")
    try:
        with whole(path) as temporary:
            if spec.url.endswith(".zip"):
                with tempfile.TemporaryFile(dir=path.parent) as archive:
                    _download(spec.url, archive)
                    _unpack(archive, path.name, temporary, where)
            else:
                with temporary.open("wb") as file:
                    _download(spec.url, file)
            if spec.sha256 is not None:
                _check(temporary, spec.sha256, f"{where}.sha256")
    except (OSError, HTTPException) as error:
        raise InputError(f"{spec.url} cannot be fetched: {error}", f"{where}.url") from error
    return True


def located(spec: GloveVectors, where: str) -> Path:
    """The file of a config block, checked if it has a hash.

    Raises:
        InputError: if it is missing, or has another hash.
    """
    path = Path(expand(spec.path, f"{where}.path"))
    if not path.is_file():
        remedy = FETCH if spec.url else "name one, or a url to fetch it from"
        raise InputError(f"there is no file {path}; {remedy}", f"{where}.path")
    if spec.sha256 is not None:
        _check(path, spec.sha256, f"{where}.sha256")
    return path


def _download(url: str, file: IO[bytes]) -> None:
    """Write what is at an address; a download that breaks off is an error."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - https, as checked
        if not answer.url.startswith("https://"):
            raise OSError(f"it redirects to {answer.url}, which is not an https address")
        shutil.copyfileobj(answer, file)
        expected = answer.headers.get("Content-Length")
        if expected is not None and int(expected) != file.tell():
            raise OSError(f"received {file.tell():,} bytes of {int(expected):,}")


def _unpack(archive: IO[bytes], name: str, to: Path, where: str) -> None:
    """Write the member of a zip archive that is called ``name``, in whatever folder."""
    try:
        with zipfile.ZipFile(archive) as members:
            found = [member for member in members.namelist() if PurePosixPath(member).name == name]
            if len(found) != 1:
                message = f"its archive must have one file {name}, but has {len(found)}; there are: "
                raise InputError(message + ", ".join(members.namelist()), f"{where}.path")
            with members.open(found[0]) as member, to.open("wb") as file:
                shutil.copyfileobj(member, file)
    except zipfile.BadZipFile as error:
        raise InputError(f"the download is not a zip archive ({error})", f"{where}.url") from error


def _check(path: Path, expected: str, where: str) -> None:
    found = sha256_of(path)
    if found != expected:
        raise InputError(f"{path.name} has sha256 {found}, not {expected}", where)
