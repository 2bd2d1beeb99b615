"""The rows of a source: their digest, and the names and order of their labels."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import replace

from feasible_al.core.errors import InputError
from feasible_al.data.types import Row

# Unicode's white space, and three characters without width.
BLANKS = re.compile(r"[\s\u200b\u2060\ufeff]+")


def digest_of(rows: Iterable[Row]) -> str:
    """The SHA-256 of all rows, each as a JSON line ``[text, target]``, in hex."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([row.text, row.target]).encode() + b"\n")
    return digest.hexdigest()


def names(row: Row) -> tuple[str, ...]:
    """The class of a row, or its tags."""
    return (row.target,) if isinstance(row.target, str) else row.target


def with_names(rows: dict[str, list[Row]], labels: tuple[str, ...] | None, task: str) -> dict[str, list[Row]]:
    """The rows with label names as targets; integers in text files are indices into ``labels``.

    Whether the targets are names or integers is decided for the whole source at once, so that names which are
    themselves numbers (1 to 5 stars) are not read as indices.

    Raises:
        InputError: naming the row of a target that is neither.
    """
    if labels is None:
        return rows
    known = set(labels)
    found = {name for split in rows.values() for row in split for name in names(row)}
    by_index = {str(index): name for index, name in enumerate(labels)}
    if found <= known:
        return rows
    if found <= set(by_index):

        def rename(row: Row) -> Row:
            renamed = tuple(by_index[name] for name in names(row))
            return replace(row, target=renamed[0] if task == "classification" else renamed)

        return {split: [rename(row) for row in of_split] for split, of_split in rows.items()}
    # The first that is neither a name nor an index, or else the first index among names.
    accepted = known if found <= known | set(by_index) else known | set(by_index)
    row, name = next(
        (row, name) for split in rows.values() for row in split for name in names(row) if name not in accepted
    )
    raise InputError(f"the label {name!r} is none of: {', '.join(labels)}", row.place)


def refuse_look_alikes(rows: Iterable[Row]) -> None:
    """Refuse two label names that differ only in white space: they would be two classes that look like one.

    Of tags, the types are compared. Names may differ in case, which can be seen and may mean something.

    Raises:
        InputError: naming both, and where each was first used.
    """
    first: dict[str, tuple[str, str]] = {}
    seen: set[str] = set()
    for row in rows:
        for name in names(row):
            if name in seen:
                continue
            seen.add(name)
            kind = name if isinstance(row.target, str) else name.removeprefix("B-").removeprefix("I-")
            other, place = first.setdefault(BLANKS.sub("", kind), (kind, row.place))
            if other != kind:
                raise InputError(
                    f"the labels {kind!r} and {other!r} (at {place}) differ only in blanks; use one of them",
                    row.place,
                )


def label_order(rows: Iterable[Row], given: tuple[str, ...] | None, task: str) -> tuple[str, ...]:
    """The label names in their order: the given one, or sorted (when tagging, O first).

    When tagging there is always an O, since words that a model's truncation cuts off are O. If they are not
    given, O and the B- tags that the repair of tags made are added after the given labels.
    """
    outside = ("O",) if task == "tagging" else ()
    found = {*outside, *(name for row in rows for name in names(row))}
    first = outside if given is None else given
    return (*first, *sorted(found - set(first)))
