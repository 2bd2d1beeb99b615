"""The contract of table kinds, and their registry."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from feasible_al.analysis.intervals import Interval
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.core.registry import Registry
from feasible_al.results.collect import Results

ABSENT = "n/a"
FIXED = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Column:
    """A column as people see it."""

    label: str
    numeric: bool = True


@dataclass(frozen=True)
class TableData:
    """A table twice: exact numbers for the CSV, rounded text for LaTeX and the report.

    Attributes:
        title: heading.
        columns: headings of ``rows``.
        rows: text cells; an empty first cell continues the group above it.
        frame: the numbers behind them, unrounded.
        notes: how to read it, and what was left out.
        refusal: why there are no numbers, when there are none on purpose.
        sortable: whether every row stands for itself, so that a reader may reorder them.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()
    refusal: str = ""
    sortable: bool = False

    @property
    def group_starts(self) -> tuple[bool, ...]:
        """For each row, whether it begins a group: it continues fewer headings than the innermost rows do."""
        continued = [next((i for i, cell in enumerate(row) if cell), 0) for row in self.rows]
        innermost = max(continued, default=0)
        return tuple(count < innermost or innermost == 0 for count in continued)


Draft = Callable[[Config, Table, Results], TableData]
"""``(config, block, results) -> data`` of one table."""


Place = Literal["dataset", "comparison", "times", "models", "data", "published"]
"""A part of the report: cut to each dataset beside its figures, or once in a part of its own."""


@dataclass(frozen=True)
class TableKind:
    """A registered table kind.

    Attributes:
        draft: its function.
        place: where the report shows it.
    """

    draft: Draft
    place: Place


TABLES: Registry[TableKind] = Registry("table kind")


def table(kind: str, place: Place) -> Callable[[Draft], Draft]:
    """Decorator that registers a function as the table kind ``kind``; see :class:`TableKind`."""

    def register(draft: Draft) -> Draft:
        TABLES.add(kind, TableKind(draft, place))
        return draft

    return register


def spread_of_iterations(iterations: int) -> tuple[int, ...]:
    """Up to four iterations from the second to the last: 2, 6, 10, 15 of 15, as in the paper."""
    if iterations <= 4:
        return tuple(range(1, iterations + 1))
    return tuple(2 + (iterations - 2) * step // 3 for step in range(4))


def plus_minus(mean: float, std: float, decimals: int) -> str:
    """``mean ± std``, the mean alone below two values, "n/a" without any."""
    if math.isnan(mean):
        return ABSENT
    return (
        f"{mean:,.{decimals}f}"
        if math.isnan(std)
        else f"{mean:,.{decimals}f}{FIXED}±{FIXED}{std:,.{decimals}f}"
    )


def with_bounds(interval: Interval, decimals: int) -> str:
    """``+0.012 [-0.003, +0.027]``; the mean alone where there is no interval, "n/a" without any value."""
    return _bounded(interval, lambda value: _signed(value, decimals))


def unsigned(interval: Interval, decimals: int) -> str:
    """``0.812 [0.797, 0.827]``; the mean alone where there is no interval, "n/a" without any value."""
    return _bounded(interval, lambda value: number(value, decimals))


def _bounded(interval: Interval, shown: Callable[[float], str]) -> str:
    if not interval.known:
        return shown(interval.mean)
    return f"{shown(interval.mean)} [{shown(interval.low)},{FIXED}{shown(interval.high)}]"


def _signed(value: float, decimals: int) -> str:
    if math.isnan(value):
        return ABSENT
    return f"{round(value, decimals) + 0.0:+,.{decimals}f}".replace("-", "\N{MINUS SIGN}")


SMALLEST_P = 1e-4  # that four decimals show


def p_value(p: float) -> str:
    """``= 0.0123``, or ``< 0.0001``."""
    return f"= {p:.4f}" if p >= SMALLEST_P else f"< {SMALLEST_P}"


def number(value: float, decimals: int) -> str:
    """A number rounded, "n/a" for NaN."""
    return ABSENT if math.isnan(value) else f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
