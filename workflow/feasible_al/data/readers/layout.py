"""Which columns of a file hold what, settled before the file is opened."""

from collections.abc import Sequence
from dataclasses import dataclass

from feasible_al.config.data import Columns
from feasible_al.core.errors import InputError

# Column names (numbers in CoNLL files) of text and label, per format and task; what is absent cannot be read.
DEFAULTS: dict[tuple[str, str], tuple[str | int, str | int]] = {
    ("csv", "classification"): ("text", "label"),
    ("jsonl", "classification"): ("text", "label"),
    ("jsonl", "tagging"): ("tokens", "tags"),
    ("parquet", "classification"): ("text", "label"),
    ("parquet", "tagging"): ("tokens", "tags"),
    ("conll", "tagging"): (0, -1),
}


@dataclass(frozen=True)
class Layout:
    """How rows lie in a file.

    Attributes:
        task: "classification" or "tagging".
        text: column of the text or words.
        label: column of the class or tags.
        id: column of the rows' own identifier, if any.
        labels: names of integer labels in their order, when the data carry them.
        comment: what a line begins with that is skipped, in text files.
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
        """The columns that are read, of a format with named ones."""
        return [str(self.text), str(self.label), *([self.id] if self.id else [])]

    def is_comment(self, line: str) -> bool:
        """Whether the line is to be skipped."""
        return self.comment is not None and line.startswith(self.comment)

    def require(self, names: Sequence[str], place: str) -> None:
        """Refuse columns that lack one that is read, or have it twice.

        Raises:
            InputError: naming the column.
        """
        for column in self.columns:
            if column not in names:
                raise InputError(f"no column {column!r}; there are: {', '.join(names)}", place)
            if names.count(column) > 1:
                raise InputError(f"the column {column!r} occurs {names.count(column)} times", place)


def layout(
    kind: str, columns: Columns, task: str, labels: tuple[str, ...] | None = None, where: str = ""
) -> Layout:
    """The layout of files of format ``kind``, defaults filled in.

    Args:
        kind: csv, jsonl, parquet or conll.
        columns: the config's columns.
        task: "classification" or "tagging".
        labels: names of integer labels that the data carry.
        where: config key of the source, for errors.

    Raises:
        InputError: if the format cannot carry the task, or its columns are named (numbered) and the config
            numbers (names) them.
    """
    if (kind, task) not in DEFAULTS:
        able = " or ".join(sorted(k for k, t in DEFAULTS if t == task))
        raise InputError(f"{kind} files cannot carry {task} data; use {able}", f"{where}.format")
    text, label = DEFAULTS[kind, task]
    text = text if columns.text is None else columns.text
    label = label if columns.label is None else columns.label
    for key, column in (("text", text), ("label", label)):
        if isinstance(column, int) != (kind == "conll"):
            wanted = "numbered from 0 (or from the end, -1)" if kind == "conll" else "given by name"
            raise InputError(
                f"columns of {kind} files are {wanted}, and this is {column!r}", f"{where}.columns.{key}"
            )
    if kind == "conll" and columns.id is not None:
        raise InputError("conll files have no identifiers", f"{where}.columns.id")
    return Layout(task, text, label, columns.id, labels)
