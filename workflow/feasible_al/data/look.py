"""Look at a data file that no config describes yet: its format, its columns, its rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from feasible_al.config.data import Columns, Task
from feasible_al.core.errors import InputError
from feasible_al.core.values import refuse_pointer
from feasible_al.data.readers import FORMATS
from feasible_al.data.readers import csv as csv_files
from feasible_al.data.readers import jsonl as json_files
from feasible_al.data.readers import parquet as parquet_files
from feasible_al.data.readers.base import Layout, layout
from feasible_al.data.readers.lines import empty, lines
from feasible_al.data.types import Row

ENDINGS = {
    "csv": (".csv", ".tsv"),
    "jsonl": (".jsonl", ".json", ".ndjson"),
    "parquet": (".parquet",),
    "conll": (".conll", ".bio", ".iob", ".iob2", ".txt"),
}
TEXTS = (
    "text",
    "sentence",
    "content",
    "body",
    "message",
    "review",
    "comment",
    "question",
    "tweet",
    "document",
)
LABELS = ("label", "class", "category", "target", "intent", "topic", "sentiment", "rating", "stars")
WORDS, TAGS = ("tokens", "words"), ("tags", "ner_tags", "labels")
DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 1000  # records that are looked at to tell columns apart
LONGEST_NAME = 40  # characters of a column's name; what is longer is a text


@dataclass(frozen=True)
class Look:
    """What a file holds.

    Attributes:
        kind: its format, as in a config.
        task: "classification" or "tagging".
        text: the column of the text or words.
        label: the column of the class or tags.
        rows: those with a text.
        empty: how many had none.
        delimiter: of a CSV file, where it is another one than a config's reader takes; else None.
    """

    kind: str
    task: Task
    text: str | int
    label: str | int
    rows: list[Row]
    empty: int
    delimiter: str | None


def look(path: Path, text: str | None = None, label: str | None = None) -> Look:
    """Find out what a file holds, and read it.

    Args:
        path: a CSV, JSON Lines, Parquet or CoNLL file; its ending says which.
        text: the column of the text or words; guessed when None.
        label: the column of the class or tags; guessed when None.

    Raises:
        InputError: if the file cannot be read, or it is not clear which columns to read; says what was seen.
    """
    if not path.is_file():
        raise InputError("there is no such file", str(path))
    refuse_pointer(path, str(path))
    kind = next((name for name, endings in ENDINGS.items() if path.suffix.lower() in endings), None)
    if kind is None:
        known = ", ".join(ending for endings in ENDINGS.values() for ending in endings)
        raise InputError(f"its ending does not say what it holds; rename it to one of {known}", str(path))
    delimiter = _delimiter(path) if kind == "csv" else None
    task: Task = "tagging"
    if kind == "conll":
        found = layout(kind, Columns(text=_number(text), label=_number(label)), task, where=str(path))
    else:
        columns = _columns(path, kind, delimiter)
        if not columns:
            raise empty(path)
        if not any(isinstance(value, list) for values in columns.values() for value in values):
            task = "classification"
        found = Layout(task, *_guessed(path, kind, task, columns, text, label), delimiter=delimiter)
    rows = list(FORMATS[kind].read(path, found))
    full = [row for row in rows if (row.text.strip() if isinstance(row.text, str) else row.text)]
    return Look(kind, task, found.text, found.label, full, len(rows) - len(full), delimiter)


def _number(column: str | None) -> int | str | None:
    """A column of a CoNLL file, which is numbered."""
    digits = column is not None and column.removeprefix("-").isdecimal()
    return int(column) if column is not None and digits else column


def _delimiter(path: Path) -> str | None:
    """What separates the columns of the first line; None where a config's reader takes it for that, too."""
    usual = "\t" if path.suffix.lower() == ".tsv" else ","
    first = next((line for line in lines(path) if line.strip()), "")
    best = max(DELIMITERS, key=lambda mark: (first.count(mark), mark == usual))
    # The reader knows the ending in lower case alone.
    return None if best == usual and (usual == "," or path.suffix == ".tsv") else best


def _columns(path: Path, kind: str, delimiter: str | None) -> Mapping[str, list[Any]]:
    """The values of each column in the first records.

    Raises:
        InputError: naming the line, if a record cannot be read.
    """
    anything = Layout("classification", "", "", delimiter=delimiter)
    if kind == "csv":
        records = (fields for _, fields in csv_files.fields_of(path, anything))
        header = next(records, [])
        rows = [fields for fields in islice(records, SAMPLE) if len(fields) == len(header)]
        return {name: [fields[place] for fields in rows] for place, name in enumerate(header)}
    found: dict[str, list[Any]] = {}
    for record in islice(_records(path, kind, anything), SAMPLE):
        for name, value in record.items() if isinstance(record, dict) else ():
            found.setdefault(name, []).append(value)
    return found


def _records(path: Path, kind: str, anything: Layout) -> Iterator[Any]:
    if kind == "jsonl":
        yield from (value for _, value in json_files.values(path, anything))
        return
    with parquet_files.opened(path) as file:
        for batch in file.iter_batches(SAMPLE):
            yield from batch.to_pylist()


def _guessed(
    path: Path,
    kind: str,
    task: Task,
    columns: Mapping[str, list[Any]],
    text: str | None,
    label: str | None,
) -> tuple[str, str]:
    """The columns of text and label: as given, by their names, or by what is in them.

    Raises:
        InputError: if one is not there, or not clear.
    """
    for given in (text, label):
        if given is not None and given not in columns:
            raise InputError(f"there is no column {given!r}; {_seen(columns)}", str(path))
    names = (WORDS, TAGS) if task == "tagging" else (TEXTS, LABELS)
    by_name = tuple(
        given or _named(columns, known) for given, known in zip((text, label), names, strict=True)
    )
    if kind == "csv" and by_name == (None, None) and _without_header(columns):
        message = "its first line looks like data; put a line with the names of the columns first, such as"
        raise InputError(f"{message} text,label", f"{path}:1")
    words = by_name[0] or _only([n for n in columns if n != by_name[1] and _is_text(columns[n], task)])
    if words is None:
        raise InputError(f"which column is the text? Name it with --text; {_seen(columns)}", str(path))
    classes = by_name[1] or _only([n for n in columns if n != words and _is_label(columns[n], task)])
    if classes is None:
        raise InputError(f"which column is the label? Name it with --label; {_seen(columns)}", str(path))
    if words == classes:
        raise InputError(f"text and label are both the column {words!r}", str(path))
    return words, classes


def _named(columns: Mapping[str, Any], known: Sequence[str]) -> str | None:
    """The column with the usual name, or the only one that has one of the known names."""
    if known[0] in columns:
        return known[0]
    return _only([name for name in columns if name.strip().lower() in known])


def _only(names: list[str]) -> str | None:
    return names[0] if len(names) == 1 else None


def _is_text(values: list[Any], task: Task) -> bool:
    """Whether values are sentences: lists of words, or mostly different texts of several words."""
    if task == "tagging":
        return all(isinstance(value, list) for value in values)
    texts = [value for value in values if isinstance(value, str)]
    words = sum(len(text.split()) for text in texts)
    return bool(values) and words >= 2 * len(values) and len(set(texts)) > len(values) / 2


def _is_label(values: list[Any], task: Task) -> bool:
    """Whether values are classes: names or whole numbers, most of which occur several times."""
    if task == "tagging":
        return all(isinstance(value, list) for value in values)
    if not all(isinstance(value, str | int) for value in values):
        return False
    return 1 < len({str(value) for value in values}) <= len(values) / 2


def _without_header(columns: Mapping[str, list[Any]]) -> bool:
    """Whether what should be names of columns is a number, a text, or a value of its own column."""
    return any(
        name.strip().lstrip("-").replace(".", "", 1).isdecimal()
        or len(name) > LONGEST_NAME
        or name.strip() in {value.strip() for value in values}
        for name, values in columns.items()
    )


def _seen(columns: Mapping[str, list[Any]]) -> str:
    """The columns, each with its first value."""
    shown = (f"{name!r} (such as {str(values[0])[:40]!r})" for name, values in columns.items() if values)
    return f"its columns are {', '.join(shown) or 'none'}"
