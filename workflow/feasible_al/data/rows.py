"""A source's rows: their digest, and their labels' names and order."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import replace

from feasible_al.core.errors import InputError
from feasible_al.data.types import Row

# White space of Unicode, and the three characters without width that stand for none.
BLANKS = re.compile(r"[\s\u200b\u2060\ufeff]+")


def of_rows(rows: Iterable[Row]) -> str:
    """The SHA-256 of texts and targets, a JSON line ``[text, target]`` each, in hex."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([row.text, row.target]).encode() + b"\n")
    return digest.hexdigest()


def names(row: Row) -> tuple[str, ...]:
    """The class of a row, or its tags."""
    return (row.target,) if isinstance(row.target, str) else row.target


def named(rows: dict[str, list[Row]], labels: tuple[str, ...] | None, task: str) -> dict[str, list[Row]]:
    """The rows with names for targets; integers in text files are places in ``labels``.

    Whether the targets are names or integers is decided for the whole source at once, so that names which are
    themselves numbers (1 to 5 stars) are not taken for places.

    Raises:
        InputError: naming the row of a target that is neither.
    """
    if labels is None:
        return rows
    known = set(labels)
    found = {name for split in rows.values() for row in split for name in names(row)}
    places = {str(place): name for place, name in enumerate(labels)}
    if found <= known:
        return rows
    if found <= set(places):

        def rename(row: Row) -> Row:
            renamed = tuple(places[name] for name in names(row))
            return replace(row, target=renamed[0] if task == "classification" else renamed)

        return {split: [rename(row) for row in of_split] for split, of_split in rows.items()}
    # The first that is neither name nor place, or else the first place among names.
    able = known if found <= known | set(places) else known | set(places)
    row, name = next(
        (row, name) for split in rows.values() for row in split for name in names(row) if name not in able
    )
    raise InputError(f"the label {name!r} is none of: {', '.join(labels)}", row.place)


def distinct(rows: Iterable[Row]) -> None:
    """Refuse two names that are the same but for white space: they would be two classes that look like one.

    Of tags the types are compared. Case is left alone: it may mean something, and it can be seen.

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
                    f"the labels {kind!r} and {other!r} (at {place}) differ by blanks alone; use one of them",
                    row.place,
                )


def ordered(rows: Iterable[Row], given: tuple[str, ...] | None, task: str) -> tuple[str, ...]:
    """The label names in their order: the given one, or sorted (when tagging, O first).

    When tagging there always is an O: words that a model's truncation cuts off are O. It and a B- tag that
    only the repair of tags made are added after the given ones.
    """
    outside = ("O",) if task == "tagging" else ()
    found = {*outside, *(name for row in rows for name in names(row))}
    first = outside if given is None else given
    return (*first, *sorted(found - set(first)))
