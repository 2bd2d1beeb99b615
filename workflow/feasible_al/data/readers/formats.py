"""The file formats: which reader reads which, and how the files of a source become its rows."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from feasible_al.core.errors import InputError
from feasible_al.core.registry import Registry
from feasible_al.core.values import refuse_pointer
from feasible_al.data.readers import conll, csv, jsonl, parquet
from feasible_al.data.readers.layout import Layout
from feasible_al.data.rows import named
from feasible_al.data.types import Row

READERS: Registry[Callable[[Path, Layout], Iterator[Row]]] = Registry("file format")
for _name, _read in (
    ("csv", csv.read),
    ("jsonl", jsonl.read),
    ("parquet", parquet.read),
    ("conll", conll.read),
):
    READERS.add(_name, _read)

Labels = tuple[str, ...] | None


def read(
    kind: str, files: dict[str, list[Path]], layout: Layout, labels: Labels, where: str
) -> tuple[dict[str, list[Row]], Labels]:
    """The rows of all files of each split in their order, with names for targets, and the label names.

    Args:
        kind: csv, jsonl, parquet or conll.
        files: of "train" and "test".
        layout: of all of them.
        labels: names that the config or the repository gives; None if neither does.
        where: config key of the source.

    Returns:
        Rows, and the names that files carry for their integers, or else ``labels``.

    Raises:
        InputError: naming the line of a file, or ``labels`` where a file carries other names.
    """
    paths = [path for of_split in files.values() for path in of_split]
    for path in paths:
        refuse_pointer(path, where)
    if kind == "parquet":
        for path in paths:
            carried = parquet.label_names(path, str(layout.label))
            if carried is None:
                continue
            if labels not in (None, carried):
                raise InputError(
                    f"the names are {labels}, and those in {path} are {carried}", f"{where}.labels"
                )
            labels = carried
            layout = replace(layout, labels=carried)
    reader = READERS[kind]
    rows = {split: [row for path in some for row in reader(path, layout)] for split, some in files.items()}
    return named(rows, labels, layout.task), labels
