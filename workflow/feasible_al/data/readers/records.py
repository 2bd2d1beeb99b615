"""One record of a format that has types (JSON, Parquet, a Hub dataset), turned into a row."""

from collections.abc import Mapping
from typing import Any

from feasible_al.core.errors import InputError
from feasible_al.data.readers.base import Layout
from feasible_al.data.types import Row


def _text(value: Any, column: str, place: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{column!r} is {value!r}, not a string", place)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{column!r} has half of a surrogate pair, not a character", place) from error
    return value


def _name(value: Any, column: str, labels: tuple[str, ...] | None, place: str) -> str:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise InputError(f"{column!r} has no label", place)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InputError(f"{column!r} is {value!r}, neither a name nor an integer", place)
    if isinstance(value, str):
        return _text(value, column, place)
    if labels is None:
        return str(value)
    if not 0 <= value < len(labels):
        raise InputError(f"{column!r} is {value}, but {len(labels)} label names are numbered from 0", place)
    return labels[value]


def row(record: Mapping[str, Any], layout: Layout, place: str) -> Row:
    """The row that a record holds; integer labels become names, by ``layout.labels`` if given, or digits.

    Raises:
        InputError: if a column is missing, a value is of another type, or words and tags differ in number.
    """
    layout.require(list(record), place)
    text_column, label_column = str(layout.text), str(layout.label)
    text, target = record[text_column], record[label_column]
    own = None if layout.id is None or record[layout.id] in (None, "") else str(record[layout.id])
    if layout.task == "classification":
        name = _name(target, label_column, layout.labels, place)
        return Row(_text(text, text_column, place), name, place, own)
    for column, value in ((text_column, text), (label_column, target)):
        if not isinstance(value, list):
            raise InputError(f"{column!r} is {value!r}, not a list", place)
    if len(text) != len(target):
        raise InputError(
            f"{len(text)} words in {text_column!r}, {len(target)} tags in {label_column!r}", place
        )
    words = tuple(_text(word, text_column, place) for word in text)
    return Row(words, tuple(_name(tag, label_column, layout.labels, place) for tag in target), place, own)
