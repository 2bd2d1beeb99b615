"""The columns of the tables that stages write and analysis reads, and readers that check them."""

import csv
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd
from pyarrow import parquet

from feasible_al.core.errors import InputError

Kind = Literal["text", "whole", "number", "flag", "labels"]
"""``labels``, in parquet files only: a label, or a list of tags, one for each word."""
Columns = Mapping[str, Kind]

QUERIES: Columns = {
    "iteration": "whole",
    "rank": "whole",
    "instance": "whole",
    "score": "number",
    "tokens": "whole",
}
SCORES: Columns = {"iteration": "whole", "instance": "whole", "score": "number", "fresh": "flag"}
TEST_LABELS: Columns = {"point": "whole", "instance": "whole", "prediction": "labels"}
METRICS: Columns = {
    "point": "whole",
    "labelled_instances": "whole",
    "labelled_tokens": "whole",
    "metric": "text",
    "value": "number",
    "converged": "flag",
}
PHASES: Columns = {
    "iteration": "whole",
    "phase": "text",
    "seconds": "number",
    "instances": "whole",
    "tokens": "whole",
}
CURVES: Columns = {
    "dataset": "text",
    "series": "text",
    "acquisition": "text",
    "strategy": "text",
    "subsampling": "text",
    "labeller": "text",
    "successor": "text",
    "seed": "whole",
    "point": "whole",
    "labelled_instances": "whole",
    "labelled_tokens": "whole",
    "labelled_fraction": "number",
    "pseudo_instances": "whole",
    "metric": "text",
    "value": "number",
    "converged": "flag",
}
TIMINGS: Columns = {
    "dataset": "text",
    "stage": "text",
    "acquisition": "text",
    "strategy": "text",
    "subsampling": "text",
    "labeller": "text",
    "successor": "text",
    "seed": "whole",
    "iteration": "whole",
    "phase": "text",
    "seconds": "number",
    "instances": "whole",
    "tokens": "whole",
    "host": "text",
    "processor": "text",
    "device": "text",
    "threads": "whole",
    "precision": "text",
    "engine": "text",
    "exclusive": "flag",
}
_TRAJECTORY: Columns = {
    "dataset": "text",
    "acquisition": "text",
    "strategy": "text",
    "subsampling": "text",
    "seed": "whole",
    "iteration": "whole",
}
QUERIED: Columns = {
    **_TRAJECTORY,
    "label": "text",
    "instances": "whole",
}
OVERLAP: Columns = {
    **_TRAJECTORY,
    "top_percent": "whole",
    "fraction": "number",
}


def _whole(text: str) -> int:
    value = int(text)
    if abs(value) >= 2**63:
        raise ValueError(text)
    return value


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _flag(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


_PARSERS: dict[Kind, Callable[[str], Any]] = {"text": str, "whole": _whole, "number": _finite, "flag": _flag}
_MEANINGS: dict[Kind, str] = {
    "text": "a text",
    "whole": "a whole number",
    "number": "a finite number",
    "flag": "true or false",
}
_DTYPES: dict[Kind, str] = {
    "text": "object",
    "whole": "int64",
    "number": "float64",
    "flag": "bool",
    "labels": "object",
}


def read_rows(path: Path, columns: Columns, remedy: str) -> list[dict[str, Any]]:
    """The rows of :func:`read_numbered_rows`."""
    return [row for _, row in read_numbered_rows(path, columns, remedy)]


def read_numbered_rows(
    path: Path, columns: Columns, remedy: str, optional: Columns = MappingProxyType({})
) -> list[tuple[int, dict[str, Any]]]:
    """The number of each line of a CSV file and its cells in the named columns, typed; without blank lines.

    Without pandas, which takes fifty times as long for a file of a few lines; a run has thousands of them.
    Optional columns that the file lacks are left out.

    Raises:
        InputError: if the file is absent, lacks a column or holds something that does not fit its column,
            with the line; the message ends with ``remedy``.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(filter(None, reader), [])
            lines = [(reader.line_num, cells) for cells in reader if not _blank(cells)]
    except FileNotFoundError:
        raise InputError(f"there is no such file; {remedy}", str(path)) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"not a complete CSV file ({error}); {remedy}", str(path)) from error
    if not header:
        raise InputError(f"not a complete CSV file (it is empty); {remedy}", str(path))
    if missing := [name for name in columns if name not in header]:
        raise InputError(f"no column {', '.join(missing)}; {remedy}", str(path))
    columns = {**columns, **{name: kind for name, kind in optional.items() if name in header}}
    places = {name: header.index(name) for name in columns}
    rows = []
    for number, cells in lines:
        try:
            if len(cells) != len(header):
                raise ValueError(f"the number of cells is {len(cells)}, and in the header {len(header)}")
            row = {name: _parsed(cells[places[name]], name, kind) for name, kind in columns.items()}
            rows.append((number, row))
        except ValueError as error:
            raise InputError(f"{error}; {remedy}", f"{path}:{number}") from error
    return rows


def _blank(cells: list[str]) -> bool:
    return not cells or (len(cells) == 1 and not cells[0].strip())


def _parsed(cell: str, name: str, kind: Kind) -> Any:
    try:
        return _PARSERS[kind](cell)
    except (ValueError, KeyError) as error:
        raise ValueError(f"{cell!r} in column {name!r} is not {_MEANINGS[kind]}") from error


def read_parquet_checked(path: Path, columns: Columns, remedy: str) -> pd.DataFrame:
    """The named columns of a parquet file; the others, which may be large, are not read.

    Raises:
        InputError: if the file is absent or damaged, lacks a column, or holds another type or a number that
            is not finite; the message ends with ``remedy``.
    """
    try:
        missing = [name for name in columns if name not in parquet.read_schema(path).names]
        frame = pd.read_parquet(path, columns=[name for name in columns if name not in missing])
    except (OSError, ValueError) as error:
        raise InputError(f"absent or damaged ({error}); {remedy}", str(path)) from error
    if missing:
        raise InputError(f"no column {', '.join(missing)}; {remedy}", str(path))
    for name, kind in columns.items():
        if kind == "labels":  # pandas has different types for texts and lists of texts
            continue
        if kind == "number" and frame[name].dtype == "float32":
            frame[name] = frame[name].astype("float64")
        if frame[name].dtype != _DTYPES[kind] or (kind == "number" and not np.isfinite(frame[name]).all()):
            raise InputError(f"something in column {name!r} is not {_MEANINGS[kind]}; {remedy}", str(path))
    return frame


def frame_of(values: Mapping[str, list[Any]], columns: Columns) -> pd.DataFrame:
    """A frame with exactly these columns, in their order and types."""
    return pd.DataFrame(
        {name: pd.Series(values[name], dtype=_DTYPES[kind]) for name, kind in columns.items()}
    )


def frame_of_rows(rows: Iterable[Mapping[str, Any]], columns: Columns) -> pd.DataFrame:
    """A frame with exactly these columns, from any number of rows, which may have further columns."""
    listed = list(rows)
    return frame_of({name: [row[name] for row in listed] for name in columns}, columns)
