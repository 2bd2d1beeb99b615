"""CSV files with a header line: a text and its class per row."""

import csv
from collections.abc import Iterator
from pathlib import Path

from feasible_al.data.readers.layout import Layout
from feasible_al.data.readers.lines import empty, lines
from feasible_al.data.types import Row
from feasible_al.errors import InputError

# A text may be longer than the 131,072 characters that the module takes unasked.
csv.field_size_limit(2**31 - 1)


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """First line and fields of every record; quoted fields may span lines, blank lines are skipped."""
    reader = csv.reader(lines(path), strict=True)
    first = 1
    try:
        for fields in reader:
            if fields:
                yield first, fields
            first = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"malformed CSV: {error}", f"{path}:{first}") from error


def read(path: Path, layout: Layout) -> Iterator[Row]:
    """The rows of a CSV file.

    Raises:
        InputError: naming file and line, for anything that is not a row with text and label.
    """
    records = _records(path)
    _, header = next(records, (0, []))
    if not header:
        raise empty(path)
    for column in layout.columns:
        if column not in header:
            raise InputError(f"no column {column!r}; there are: {', '.join(header)}", f"{path}:1")
    text, label = header.index(str(layout.text)), header.index(str(layout.label))
    own = None if layout.id is None else header.index(layout.id)
    line = 0
    for line, fields in records:
        place = f"{path}:{line}"
        if len(fields) != len(header):
            # More fields than columns are mostly an unquoted comma, which would shift the label.
            raise InputError(f"{len(fields)} columns where the header has {len(header)}", place)
        if not fields[label]:
            raise InputError(f"the row has no label in column {layout.label!r}", place)
        yield Row(fields[text], fields[label], place, None if own is None else fields[own])
    if not line:
        raise empty(path)
