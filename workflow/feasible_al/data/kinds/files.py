"""Sources of kind `files`: local CSV, JSON lines, Parquet and CoNLL files."""

from collections.abc import Callable, Iterator
from pathlib import Path

from feasible_al import rng
from feasible_al.config.data import FilesSource
from feasible_al.data.kinds.loaded import Loaded
from feasible_al.data.paths import existing_file, several
from feasible_al.data.readers import conll, csv, jsonl, parquet
from feasible_al.data.readers.layout import Layout, layout
from feasible_al.data.types import Row
from feasible_al.errors import InputError
from feasible_al.io import sha256_of
from feasible_al.registry import Registry

READERS: Registry[Callable[[Path, Layout], Iterator[Row]]] = Registry("file format")
for _name, _read in (
    ("csv", csv.read),
    ("jsonl", jsonl.read),
    ("parquet", parquet.read),
    ("conll", conll.read),
):
    READERS.add(_name, _read)


def _paths(source: FilesSource, where: str) -> dict[str, dict[str, Path]]:
    """Per split the path of each file, by its name in the config (which says nothing about the machine)."""
    return {
        split: {name: existing_file(name, f"{where}.{split}") for name in several(paths)}
        for split, paths in (("train", source.train), ("test", source.test))
    }


def files_of(source: FilesSource, where: str) -> dict[str, Path]:
    """All files of a source, by their names in the config.

    Raises:
        InputError: if one is not there.
    """
    return {name: path for files in _paths(source, where).values() for name, path in files.items()}


def check(source: FilesSource, task: str, where: str) -> None:
    """Whether the format can carry the task and all files exist.

    Raises:
        InputError: naming the config key.
    """
    layout(source.format, source.columns, task, source.labels, where)
    for split, files in _paths(source, where).items():
        if not files:
            raise InputError("no file is named", f"{where}.{split}")


def load(source: FilesSource, task: str, where: str) -> Loaded:
    """The rows of all files, in the order of the config, or a sample of them in that order.

    Raises:
        InputError: naming the config key, or the line of a file.
    """
    check(source, task, where)
    lay = layout(source.format, source.columns, task, source.labels, where)
    read = READERS[source.format]
    paths = _paths(source, where)
    rows = {
        split: [row for path in files.values() for row in read(path, lay)] for split, files in paths.items()
    }
    for split, size in source.limit.items():
        kept = rng.generator(0, "sample", len(rows[split])).permutation(len(rows[split]))[:size]
        rows[split] = [rows[split][row] for row in sorted(kept)]
    digests = {name: sha256_of(path) for files in paths.values() for name, path in files.items()}
    return Loaded(rows, source.labels, f"{source.format} files {', '.join(digests)}", digests)
