"""CSV files that people open in a spreadsheet."""

from pathlib import Path
from typing import Any

import pandas as pd

from feasible_al.core.io import write_csv

FORMULA = ("=", "+", "-", "@")


def write_sheet(path: Path, frame: pd.DataFrame) -> None:
    """Write ``frame`` as a CSV file in which a spreadsheet program finds no formula.

    A heading or label that begins like a formula gets an apostrophe in front; numbers stay as they are. The
    tidy tables are not written with this function, since programs read them.
    """
    frame = frame.map(_plain)
    frame.columns = pd.Index([_plain(heading) for heading in frame.columns])
    write_csv(path, frame)


def _plain(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
