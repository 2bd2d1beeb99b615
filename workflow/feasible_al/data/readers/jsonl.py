"""JSON: one object per line, or all of them in one array."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feasible_al.core.errors import InputError
from feasible_al.data.readers import records
from feasible_al.data.readers.base import Layout, file_format
from feasible_al.data.readers.lines import empty, lines
from feasible_al.data.types import Row

BLANK = " \t\r\n"  # what JSON takes for white space


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, whose keys may not occur twice: the module would keep only the last value."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} occurs twice")
    return found


def _value(text: str, path: Path, line: int, place: str) -> Any:
    """The JSON value of a text that begins in ``line``; ``place`` is named for faults without a line."""
    try:
        return json.loads(text.rstrip("\r\n"), object_pairs_hook=_unique_keys)
    except json.JSONDecodeError as error:
        place = f"{path}:{line + error.lineno - 1}"
        raise InputError(f"malformed JSON at column {error.colno}: {error.msg}", place) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; deep nesting
        raise InputError(f"malformed JSON: {error}", place) from error


def values(path: Path, layout: Layout) -> Iterator[tuple[str, Any]]:
    """Place and value of every line that is not blank, or of every item of an array that fills the file."""
    numbered = enumerate(lines(path), start=1)
    kept = ((n, line) for n, line in numbered if line.strip(BLANK) and not layout.is_comment(line))
    first = True
    for number, line in kept:
        if first and line.lstrip(BLANK).startswith("["):
            text = line + "".join("\n" if layout.is_comment(line) else line for _, line in numbered)
            for item, value in enumerate(_value(text, path, number, str(path)), start=1):
                yield f"{path} item {item}", value
            return
        first = False
        place = f"{path}:{number}"
        yield place, _value(line, path, number, place)


@file_format("jsonl", version=2, classification=("text", "label"), tagging=("tokens", "tags"), comments=True)
def read(path: Path, layout: Layout) -> Iterator[Row]:
    """The rows of a JSON file; blank lines are skipped. Of an array, places count items from 1.

    Raises:
        InputError: naming file and line or item, for anything that is not a JSON object with the columns.
    """
    found = False
    for place, record in values(path, layout):
        found = True
        if not isinstance(record, dict):
            raise InputError(f"{record!r} is not a JSON object", place)
        yield records.row(record, layout, place)
    if not found:
        raise empty(path)
