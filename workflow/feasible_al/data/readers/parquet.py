"""Parquet files."""

from collections.abc import Iterator
from pathlib import Path

from feasible_al.data.readers import records
from feasible_al.data.readers.layout import Layout
from feasible_al.data.readers.lines import empty
from feasible_al.data.types import Row
from feasible_al.errors import InputError


def read(path: Path, layout: Layout) -> Iterator[Row]:
    """The rows of a Parquet file; places count rows from 1.

    Raises:
        InputError: naming file (and row), for a file that is not Parquet or lacks a column, or a bad value.
    """
    import pyarrow
    from pyarrow import parquet

    if not path.is_file():
        raise InputError("cannot be read: no such file", str(path))
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            for column in layout.columns:
                if column not in names:
                    raise InputError(f"no column {column!r}; there are: {', '.join(names)}", str(path))
            for batch in file.iter_batches(columns=layout.columns):
                for record in batch.to_pylist():
                    number += 1
                    yield records.row(record, layout, f"{path}:{number}")
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"not a readable Parquet file: {error}", str(path)) from error
    if not number:
        raise empty(path)
