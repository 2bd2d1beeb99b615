"""CSV files with a header line: a text and its class per row."""

import csv
from collections.abc import Iterator
from pathlib import Path

from feasible_al.core.errors import InputError
from feasible_al.data.readers.base import Layout, file_format
from feasible_al.data.readers.lines import empty, lines
from feasible_al.data.types import Row


def fields_of(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """First line and fields of every record; quoted fields may span lines, blank lines are skipped."""
    between_records = True  # only there a line can be a comment: not inside quotes

    def source() -> Iterator[str]:
        nonlocal between_records
        for line in lines(path):
            skipped = between_records and layout.is_comment(line)
            between_records = False
            yield "\n" if skipped else line

    delimiter = layout.delimiter or ("\t" if path.suffix == ".tsv" else ",")
    reader = csv.reader(source(), strict=True, delimiter=delimiter)
    first = 1
    try:
        for fields in reader:
            between_records = True
            if fields:
                yield first, fields
            first = reader.line_num + 1
    except csv.Error as error:
        # After the dash, the module says how a program should open the file.
        raise InputError(f"malformed CSV: {str(error).partition(' - ')[0]}", f"{path}:{first}") from error


@file_format("csv", version=2, classification=("text", "label"), comments=True)
def read(path: Path, layout: Layout) -> Iterator[Row]:
    """The rows of a CSV file.

    Raises:
        InputError: naming file and line, for anything that is not a row with text and label.
    """
    records = fields_of(path, layout)
    line, header = next(records, (0, []))
    if not header:
        raise empty(path)
    layout.require(header, f"{path}:{line}")
    text, label = header.index(str(layout.text)), header.index(str(layout.label))
    own = None if layout.id is None else header.index(layout.id)
    line = 0
    for line, fields in records:
        place = f"{path}:{line}"
        if len(fields) != len(header):
            # More fields than columns usually mean an unquoted comma, which would shift the label.
            raise InputError(f"{len(fields)} columns where the header has {len(header)}", place)
        if not fields[label].strip():
            raise InputError(f"the row has no label in column {layout.label!r}", place)
        yield Row(fields[text], fields[label], place, None if own is None else fields[own] or None)
    if not line:
        raise empty(path)
