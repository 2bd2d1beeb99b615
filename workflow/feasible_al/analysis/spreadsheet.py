"""CSV files that people open in a spreadsheet."""

from pathlib import Path
from typing import Any

import pandas as pd

from feasible_al.core.io import write_csv

FORMULA = ("=", "+", "-", "@")


def write_sheet(path: Path, frame: pd.DataFrame) -> None:
    """Write ``frame`` as :func:`feasible_al.core.io.write_csv` does; nothing in it is taken for a formula.

    A heading or label that begins like one gets an apostrophe in front, so that it stays text. Numbers stay
    as they are, and so do the tidy tables, which are not written with this since programs read them.
    """
    frame = frame.map(_plain)
    frame.columns = pd.Index([_plain(heading) for heading in frame.columns])
    write_csv(path, frame)


def _plain(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
