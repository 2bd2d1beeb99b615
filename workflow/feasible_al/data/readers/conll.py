"""CoNLL files: a word per line with its tag in another column, a blank line between sentences."""

import re
from collections.abc import Iterator
from pathlib import Path

from feasible_al.data.readers.layout import Layout
from feasible_al.data.readers.lines import empty, lines
from feasible_al.data.types import Row
from feasible_al.errors import InputError

# Not str.split(): words of some corpora contain no-break spaces and other Unicode white space.
SEPARATOR = re.compile(r"[ \t]+")


def _column(fields: list[str], column: int, place: str) -> str:
    if not -len(fields) <= column < len(fields):
        raise InputError(f"the line has {len(fields)} columns, and column {column} is asked for", place)
    return fields[column]


def read(path: Path, layout: Layout) -> Iterator[Row]:
    """The sentences of a CoNLL file; ``-DOCSTART-`` lines are skipped.

    A row's place is the line of its first word.

    Raises:
        InputError: naming file and line, for a line with too few columns.
    """
    words: list[str] = []
    tags: list[str] = []
    first, found = 0, False
    for number, line in enumerate(lines(path), start=1):
        content = line.strip(" \t\r\n")
        if not content:
            if words:
                yield Row(tuple(words), tuple(tags), f"{path}:{first}", line_per_word=True)
            words, tags = [], []
            continue
        if content.startswith("-DOCSTART-"):  # stands between sentences, on a line of its own
            continue
        place = f"{path}:{number}"
        fields = SEPARATOR.split(content)
        if len(fields) < 2:
            raise InputError("the line has 1 column; a word and its tag are needed", place)
        if not words:
            first, found = number, True
        words.append(_column(fields, int(layout.text), place))
        tags.append(_column(fields, int(layout.label), place))
    if words:
        yield Row(tuple(words), tuple(tags), f"{path}:{first}", line_per_word=True)
    if not found:
        raise empty(path)
