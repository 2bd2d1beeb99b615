"""The contract of table kinds, and their registry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.core.registry import Registry
from feasible_al.results.collect import Results


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
