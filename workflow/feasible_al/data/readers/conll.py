"""CoNLL files: a word per line with its tag in another column, a blank line between sentences."""

import re
from collections.abc import Iterator
from pathlib import Path

from feasible_al.core.errors import InputError
from feasible_al.data.readers.base import Layout, file_format
from feasible_al.data.readers.lines import empty, lines
from feasible_al.data.types import Row

# Not str.split(): words of some corpora contain no-break spaces and other Unicode white space.
BLANKS = re.compile(" +")
DOCUMENT = "-DOCSTART-"


def _fields(content: str) -> list[str]:
    """The columns of a line: separated by tabs if it has any, since words may contain blanks."""
    return content.split("\t") if "\t" in content else BLANKS.split(content.strip(" "))


def _column(fields: list[str], column: int, place: str) -> str:
    if not -len(fields) <= column < len(fields):
        raise InputError(f"the line has {len(fields)} columns, but column {column} is needed", place)
    if not fields[column]:
        raise InputError(f"column {column} is empty", place)
    return fields[column]


def _unbroken(fields: list[str], word: int, place: str) -> None:
    """Refuse a line with line breaks inside (old Mac or Unicode), which would be read as one long line.

    A word may contain any of them except a carriage return.
    """
    rest = [field for column, field in enumerate(fields) if column != word % len(fields)]
    if any("\r" in field for field in fields) or any(len(field.splitlines()) > 1 for field in rest):
        raise InputError("there is a line break inside the line; lines end in LF or CR LF", place)


def _row(path: Path, sentence: list[tuple[int, str, str]]) -> Row:
    """The row of a sentence: line, word and tag of each word."""
    numbers, words, tags = zip(*sentence, strict=True)
    # A sentence may have comments between its words.
    together = numbers[-1] - numbers[0] == len(words) - 1
    return Row(words, tags, f"{path}:{numbers[0]}", line_per_word=together)


@file_format("conll", version=2, tagging=(0, -1), comments=True)
def read(path: Path, layout: Layout) -> Iterator[Row]:
    """The sentences of a CoNLL file; a ``-DOCSTART-`` line stands between two, as a blank line does.

    A row's place is the line of its first word.

    Raises:
        InputError: naming file and line, for a line with too few columns or not as many as those before it.
    """
    sentence: list[tuple[int, str, str]] = []
    width = 0
    for number, line in enumerate(lines(path), start=1):
        if layout.is_comment(line):
            continue
        content = line.removesuffix("\n").removesuffix("\r")
        fields = _fields(content)
        place = f"{path}:{number}"
        _unbroken(fields, int(layout.text), place)
        if not content.strip(" \t") or DOCUMENT in content.split():
            if sentence:
                yield _row(path, sentence)
            sentence = []
            continue
        if len(fields) < 2:
            raise InputError("the line has 1 column; a word and its tag are needed", place)
        if width and len(fields) != width:
            # Usually a word with a blank inside, half of which would be lost.
            raise InputError(f"the line has {len(fields)} columns, but those before it have {width}", place)
        width = len(fields)
        word, tag = (_column(fields, int(column), place) for column in (layout.text, layout.label))
        sentence.append((number, word, tag))
    if sentence:
        yield _row(path, sentence)
    if not width:
        raise empty(path)
