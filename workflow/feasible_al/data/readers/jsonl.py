"""JSON lines: one object per line."""

import json
from collections.abc import Iterator
from pathlib import Path

from feasible_al.data.readers import records
from feasible_al.data.readers.layout import Layout
from feasible_al.data.readers.lines import empty, lines
from feasible_al.data.types import Row
from feasible_al.errors import InputError


def read(path: Path, layout: Layout) -> Iterator[Row]:
    """The rows of a file of JSON lines; blank lines are skipped.

    Raises:
        InputError: naming file and line, for a line that is no JSON object with the columns.
    """
    found = False
    for number, line in enumerate(lines(path), start=1):
        if not line.strip():
            continue
        found = True
        place = f"{path}:{number}"
        try:
            record = json.loads(line.rstrip("\r\n"))
        except json.JSONDecodeError as error:
            raise InputError(f"malformed JSON at column {error.colno}: {error.msg}", place) from error
        except (ValueError, RecursionError) as error:  # a number of thousands of digits; brackets in brackets
            raise InputError(f"malformed JSON: {error}", place) from error
        if not isinstance(record, dict):
            raise InputError("the line is not a JSON object", place)
        yield records.row(record, layout, place)
    if not found:
        raise empty(path)
