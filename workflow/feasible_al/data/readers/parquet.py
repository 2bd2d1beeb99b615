"""Parquet files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from feasible_al.core.errors import InputError
from feasible_al.data.readers import records
from feasible_al.data.readers.base import Layout, file_format
from feasible_al.data.readers.lines import empty
from feasible_al.data.types import Row


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The `pyarrow.parquet.ParquetFile`; what it cannot read is an InputError."""
    import pyarrow
    from pyarrow import parquet

    if not path.is_file():
        raise InputError("cannot be read: no such file", str(path))
    try:
        with parquet.ParquetFile(path) as file:
            yield file
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"not a readable Parquet file: {error}", str(path)) from error


def class_names(feature: Any) -> tuple[str, ...] | None:
    """Names of a `datasets.ClassLabel`, alone or in a list; None of any other feature."""
    names = getattr(getattr(feature, "feature", feature), "names", None)
    return None if names is None else tuple(names)


def label_names(path: Path, column: str) -> tuple[str, ...] | None:
    """The names of a column's integers, if `datasets` wrote the file and put them into its schema.

    Raises:
        InputError: naming the file, if it is not Parquet, or the names in its schema cannot be read.
    """
    with opened(path) as file:
        schema = file.schema_arrow
    if b"huggingface" not in (schema.metadata or {}):
        return None
    from datasets import Features

    try:
        return class_names(Features.from_arrow_schema(schema).get(column))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"the class names in its schema cannot be read: {error}", str(path)) from error


@file_format(
    "parquet",
    version=2,
    classification=("text", "label"),
    tagging=("tokens", "tags"),
    comments=False,
    label_names=label_names,
)
def read(path: Path, layout: Layout) -> Iterator[Row]:
    """The rows of a Parquet file; places count rows from 1.

    Raises:
        InputError: naming file (and row), for a file that is not Parquet or lacks a column, or a bad value.
    """
    number = 0
    with opened(path) as file:
        layout.require(file.schema_arrow.names, str(path))
        for batch in file.iter_batches(columns=layout.columns):
            for record in batch.to_pylist():
                number += 1
                yield records.row(record, layout, f"{path}:{number}")
    if not number:
        raise empty(path)
