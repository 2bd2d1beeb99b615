"""The contract of file formats, their registry, and how the files of a source become its rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from feasible_al.config.data import Columns
from feasible_al.core.errors import InputError
from feasible_al.core.registry import Registry
from feasible_al.core.values import refuse_pointer
from feasible_al.data.rows import with_names
from feasible_al.data.types import Row

Column = str | int
Labels = tuple[str, ...] | None


@dataclass(frozen=True)
class Layout:
    """How rows are stored in a file.

    Attributes:
        task: "classification" or "tagging".
        text: column of the text or words.
        label: column of the class or tags.
        id: column of the rows' own identifier, if any.
        labels: names of integer labels in their order, if the data have them.
        comment: in text files, lines that begin with this are skipped.
        delimiter: of the columns of CSV files; if None, a tab in files called ``.tsv``, else a comma.
    """

    task: str
    text: str | int
    label: str | int
    id: str | None = None
    labels: tuple[str, ...] | None = None
    comment: str | None = None
    delimiter: str | None = None

    @property
    def columns(self) -> list[str]:
        """The columns that are read, for formats with named columns."""
        return [str(self.text), str(self.label), *([self.id] if self.id else [])]

    def is_comment(self, line: str) -> bool:
        """Whether the line is to be skipped."""
        return self.comment is not None and line.startswith(self.comment)

    def require(self, names: Sequence[str], place: str) -> None:
        """Refuse a file in which a column that is read is missing or occurs twice.

        Raises:
            InputError: naming the column.
        """
        for column in self.columns:
            if column not in names:
                raise InputError(f"no column {column!r}; there are: {', '.join(names)}", place)
            if names.count(column) > 1:
                raise InputError(f"the column {column!r} occurs {names.count(column)} times", place)


Read = Callable[[Path, Layout], Iterator[Row]]
"""Yields a file's rows; raises InputError, naming file and line, for anything that is not a row."""


@dataclass(frozen=True)
class FileFormat:
    """A registered file format.

    Attributes:
        read: reads a file.
        version: raised when its results may change; a higher one reruns what depends on it.
        columns: default columns of text and label for each task that a file can carry; all of them names, or
            all of them numbers.
        comments: whether the reader skips lines for which :meth:`Layout.is_comment` holds.
        label_names: reads the names that a file has for the integers of a column; None if it has none.
    """

    read: Read
    version: int
    columns: dict[str, tuple[Column, Column]]
    comments: bool
    label_names: Callable[[Path, str], Labels] | None

    @property
    def numbered(self) -> bool:
        """Whether columns are numbered instead of named."""
        return any(isinstance(column, int) for pair in self.columns.values() for column in pair)


FORMATS: Registry[FileFormat] = Registry("file format")


def file_format(
    name: str,
    *,
    version: int = 1,
    classification: tuple[Column, Column] | None = None,
    tagging: tuple[Column, Column] | None = None,
    comments: bool = False,
    label_names: Callable[[Path, str], Labels] | None = None,
) -> Callable[[Read], Read]:
    """Decorator that registers a reader under ``name``, the ``format`` of a config.

    ``classification`` and ``tagging`` are the default columns of text and label, None if a file cannot carry
    such data; see :class:`FileFormat` for the others.
    """
    tasks = {"classification": classification, "tagging": tagging}
    columns = {task: pair for task, pair in tasks.items() if pair}

    def register(read: Read) -> Read:
        FORMATS.add(name, FileFormat(read, version, columns, comments, label_names))
        return read

    return register


def layout(
    kind: str, columns: Columns, task: str, labels: tuple[str, ...] | None = None, where: str = ""
) -> Layout:
    """The layout of files of format ``kind``, defaults filled in.

    Args:
        kind: name of the format.
        columns: the config's columns.
        task: "classification" or "tagging".
        labels: names of integer labels, if the data have them.
        where: config key of the source, for errors.

    Raises:
        InputError: if the format cannot carry the task, or its columns are named (numbered) and the config
            numbers (names) them.
    """
    known = FORMATS[kind]
    if task not in known.columns:
        able = " or ".join(name for name, other in FORMATS.items() if task in other.columns)
        raise InputError(f"{kind} files cannot carry {task} data; use {able}", f"{where}.format")
    text, label = known.columns[task]
    text = text if columns.text is None else columns.text
    label = label if columns.label is None else columns.label
    for key, column in (("text", text), ("label", label)):
        if isinstance(column, int) != known.numbered:
            wanted = "numbered from 0 (or from the end, -1)" if known.numbered else "given by name"
            raise InputError(
                f"columns of {kind} files are {wanted}, but this is {column!r}", f"{where}.columns.{key}"
            )
    if known.numbered and columns.id is not None:
        raise InputError(f"{kind} files have no identifiers", f"{where}.columns.id")
    return Layout(task, text, label, columns.id, labels)


def read(
    kind: str, files: dict[str, list[Path]], layout: Layout, labels: Labels, where: str
) -> tuple[dict[str, list[Row]], Labels]:
    """Read all files of each split in order; targets become names. Returns the label names too, or None.

    Args:
        kind: name of the format.
        files: of "train" and "test".
        layout: of all of them.
        labels: names that the config or the repository gives; None if neither does.
        where: config key of the source.

    Returns:
        Rows, and the names that files carry for their integers, or else ``labels``.

    Raises:
        InputError: naming the line of a file, or ``labels`` where a file carries other names.
    """
    known = FORMATS[kind]
    every = [path for of_split in files.values() for path in of_split]
    for path in every:
        refuse_pointer(path, where)
    for path in every:
        carried = known.label_names(path, str(layout.label)) if known.label_names else None
        if carried is None:
            continue
        if labels not in (None, carried):
            message = f"the names are {labels}, but those in {path} are {carried}"
            raise InputError(message, f"{where}.labels")
        labels = carried
        layout = replace(layout, labels=carried)
    rows = {s: [row for path in paths for row in known.read(path, layout)] for s, paths in files.items()}
    return with_names(rows, labels, layout.task), labels
