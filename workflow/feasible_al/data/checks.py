"""Checks of a dataset's rows: faults are refused, repaired or dropped, and always counted."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from feasible_al.config.data import Checks
from feasible_al.core.errors import InputError
from feasible_al.data.readers.sentences import normalised
from feasible_al.data.rows import names
from feasible_al.data.types import Row

TAG = re.compile(r"O|[BI]-.+", re.DOTALL)

Numbered = list[tuple[int, Row]]
"""Rows with their number in the source split, counted from 0 before anything is dropped."""


@dataclass(frozen=True)
class Checked:
    """Rows that passed, and what was counted.

    Attributes:
        rows: numbered rows of "train" and "test".
        counts: per split: empty_dropped (sentences without words), repaired_tags, duplicates (instances
            whose text occurred before in the split), duplicates_dropped; for train also overlap (instances
            whose text occurs in test) and overlap_dropped. Duplicates and overlap are counted before either
            is dropped.
    """

    rows: dict[str, Numbered]
    counts: dict[str, dict[str, int]]


def key(row: Row) -> str:
    """Equal for rows whose texts differ only in case and white space; words are joined by spaces."""
    return normalised(row.text if isinstance(row.text, str) else " ".join(row.text))


def without_empty(rows: Iterable[Row], task: str) -> Numbered:
    """Numbered rows that have text; sentences without a word are left out.

    Raises:
        InputError: naming the place of an empty text to classify.
    """
    kept = []
    for number, row in enumerate(rows):
        if key(row):
            kept.append((number, row))
        elif task == "classification":
            raise InputError("the text is empty", row.place)
    return kept


def refuse_repeated_ids(rows: Numbered) -> None:
    """Refuse two rows of a split with the same identifier.

    Raises:
        InputError: naming both places.
    """
    places: dict[str, str] = {}
    for _, row in rows:
        if row.id is not None:
            if row.id in places:
                raise InputError(f"the id {row.id!r} was used at {places[row.id]}", row.place)
            places[row.id] = row.place


def iob2(row: Row, repair: bool) -> tuple[Row, int]:
    """The row in IOB2, and how many tags were changed.

    An I- tag that continues no span of its type becomes B-. By the same rule IOB1, which writes B- only
    between adjacent spans of a type, becomes IOB2.

    Args:
        row: words and tags.
        repair: whether such an I- tag is changed; otherwise it is refused.

    Raises:
        InputError: naming place and word, for a tag that is not an IOB tag, or that needs repair.
    """
    tags: list[str] = []
    for number, tag in enumerate(names(row), start=1):
        place = row.place_of(number)
        if not TAG.fullmatch(tag):
            raise InputError(f"{tag!r} is not an IOB tag (O, B-<type> or I-<type>)", place)
        continues = bool(tags) and tags[-1][:2] in ("B-", "I-") and tags[-1][2:] == tag[2:]
        if tag.startswith("I-") and not continues:
            if not repair:
                raise InputError(
                    f"{tag!r} continues no span; `checks.iob: repair` would make it B-{tag[2:]}", place
                )
            tag = f"B-{tag[2:]}"  # noqa: PLW2901 - the repaired tag is what the next one continues
        tags.append(tag)
    changed = sum(old != new for old, new in zip(names(row), tags, strict=True))
    return (replace(row, target=tuple(tags)), changed) if changed else (row, 0)


def duplicates(rows: Numbered) -> set[int]:
    """Numbers of the rows whose text occurred before; their targets do not matter."""
    seen: set[str] = set()
    found = set()
    for number, row in rows:
        text = key(row)
        if text in seen:
            found.add(number)
        seen.add(text)
    return found


def refuse_unseen_labels(rows: dict[str, Numbered], labels: tuple[str, ...] | None) -> None:
    """Refuse a test set with a label that is neither in the training set nor named by the source.

    Raises:
        InputError: naming the label and where it occurs.
    """
    known = {*(labels or ()), *(name for _, row in rows["train"] for name in names(row))}
    for _, row in rows["test"]:
        for name in names(row):
            if name not in known:
                raise InputError(
                    f"the label {name!r} occurs in the test set, but not in the training set; to keep it, "
                    "name all labels in the source's `labels`",
                    row.place,
                )


def _refuse_empty(rows: dict[str, Numbered], where: str, reason: str) -> None:
    for split, of_split in rows.items():
        if not of_split:
            raise InputError(f"the {split} set is empty{reason}", f"{where}.source")


def check(
    rows: dict[str, list[Row]], task: str, checks: Checks, where: str, labels: tuple[str, ...] | None = None
) -> Checked:
    """Apply all checks to the rows of both splits.

    Args:
        rows: of "train" and "test".
        task: "classification" or "tagging".
        checks: what is dropped or repaired.
        where: config key of the dataset.
        labels: names that the source gives, even if they do not occur.

    Raises:
        InputError: naming file and line of a row that is refused, or the dataset if a split is empty.
    """
    kept = {split: without_empty(of_split, task) for split, of_split in rows.items()}
    _refuse_empty(kept, where, "")
    counts = {split: {"empty_dropped": len(rows[split]) - len(of_split)} for split, of_split in kept.items()}
    for split, of_split in kept.items():
        refuse_repeated_ids(of_split)
        repaired = 0
        if task == "tagging":
            changes = [(number, *iob2(row, checks.iob == "repair")) for number, row in of_split]
            kept[split] = [(number, row) for number, row, _ in changes]
            repaired = sum(changed for *_, changed in changes)
        counts[split]["repaired_tags"] = repaired
    in_test = {key(row) for _, row in kept["test"]}
    overlap = {number for number, row in kept["train"] if key(row) in in_test}
    for split, of_split in kept.items():
        repeated = duplicates(of_split)
        dropped = repeated if checks.duplicates == "drop" else set()
        kept[split] = [(number, row) for number, row in of_split if number not in dropped]
        counts[split] |= {"duplicates": len(repeated), "duplicates_dropped": len(dropped)}
    remaining = [
        (number, row) for number, row in kept["train"] if checks.overlap == "keep" or number not in overlap
    ]
    counts["train"] |= {"overlap": len(overlap), "overlap_dropped": len(kept["train"]) - len(remaining)}
    kept["train"] = remaining
    _refuse_empty(kept, where, " after dropping what overlaps with the test set")
    refuse_unseen_labels(kept, labels)
    return Checked(kept, counts)
