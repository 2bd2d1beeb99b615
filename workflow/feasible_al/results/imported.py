"""The file of an imported labeller: a line for each instance that it labels."""

from pathlib import Path
from typing import Any

from feasible_al.core.errors import InputError
from feasible_al.results.columns import Columns, read_numbered_rows

WANTED: Columns = {"instance": "whole", "label": "text"}
OPTIONAL: Columns = {"confidence": "number"}
REMEDY = "each line has an instance id and its label, or its tags separated by blanks"
NO_CONFIDENCE = (
    "has no column confidence, but {} drops pseudo-labels by it; add the column, or leave the key out"
)


def read_labels(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The number of each line and its cells: instance, label and, if the file has it, confidence.

    Args:
        path: a CSV file. It is checked as far as it can be without the dataset.

    Raises:
        InputError: if the file has no labels, lacks a column or holds something that does not fit its column.
    """
    rows = read_numbered_rows(path, WANTED, REMEDY, OPTIONAL)
    if not rows:
        raise InputError(f"labels no instance; {REMEDY}", str(path))
    for line, row in rows:
        if not 0 <= row.get("confidence", 1) <= 1:
            message = f"the confidence {row['confidence']:g} is not between 0 and 1"
            raise InputError(message, f"{path}:{line}")
    return rows
