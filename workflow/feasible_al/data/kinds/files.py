"""Sources of kind `files`: local CSV, JSON lines, Parquet and CoNLL files."""

from dataclasses import replace
from pathlib import Path

from feasible_al.config.data import FilesSource
from feasible_al.core import rng
from feasible_al.core.errors import InputError
from feasible_al.core.io import sha256_of
from feasible_al.core.values import existing_file, several
from feasible_al.data.readers.base import FORMATS, Layout, layout, read
from feasible_al.data.types import Loaded


def _layout(source: FilesSource, task: str, where: str) -> Layout:
    """How rows are stored in the files."""
    if source.comment is not None and not FORMATS[source.format].comments:
        raise InputError(
            f"the reader of {source.format} files skips no comments; leave it out", f"{where}.comment"
        )
    return replace(layout(source.format, source.columns, task, where=where), comment=source.comment)


def _paths(source: FilesSource, where: str) -> dict[str, dict[str, Path]]:
    """Per split the path of each file, by its name in the config (which says nothing about the machine)."""
    return {
        split: {name: existing_file(name, f"{where}.{split}") for name in several(paths)}
        for split, paths in (("train", source.train), ("test", source.test))
    }


def files_of(source: FilesSource, where: str) -> dict[str, Path]:
    """All files of a source, by their names in the config.

    Raises:
        InputError: if one is missing.
    """
    return {name: path for files in _paths(source, where).values() for name, path in files.items()}


def check(source: FilesSource, task: str, where: str) -> None:
    """Check that the format can carry the task, and that all files exist and are named once in a split.

    Raises:
        InputError: naming the config key.
    """
    _layout(source, task, where)
    for split, files in _paths(source, where).items():
        if not files:
            raise InputError("no file is named", f"{where}.{split}")
        if len(files) < len(several(getattr(source, split))):
            raise InputError("a file is named twice", f"{where}.{split}")


def load(source: FilesSource, task: str, where: str) -> Loaded:
    """The rows of all files in the order of the config, or a sample of them in the same order.

    Raises:
        InputError: naming the config key, or the line of a file.
    """
    check(source, task, where)
    paths = _paths(source, where)
    rows, labels = read(
        source.format,
        {split: list(files.values()) for split, files in paths.items()},
        _layout(source, task, where),
        source.labels,
        where,
    )
    for split, size in source.limit.items():
        kept = rng.generator(0, "sample", len(rows[split])).permutation(len(rows[split]))[:size]
        rows[split] = [rows[split][row] for row in sorted(kept)]
    digests = {name: sha256_of(path) for files in paths.values() for name, path in files.items()}
    return Loaded(rows, labels, f"{source.format} files {', '.join(digests)}", digests)
