"""The contract of table kinds, and their registry."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from feasible_al.analysis.tables.columns import Column, Record, exact_frame, text_rows
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.core.registry import Registry
from feasible_al.jobs.kinds import Part
from feasible_al.results.collect import Results


@dataclass(frozen=True)
class TableData:
    """A table twice: exact numbers for the CSV, rounded text for LaTeX and the report.

    Attributes:
        title: heading.
        columns: of ``rows``.
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

    @classmethod
    def of(
        cls,
        title: str,
        columns: Sequence[Column],
        records: Sequence[Record],
        notes: Iterable[str] = (),
        **more: Any,
    ) -> "TableData":
        """A table with a row per record, in print as in the CSV; ``more`` are the other attributes."""
        shown, rows = tuple(column for column in columns if column.label), tuple(text_rows(columns, records))
        return cls(title, shown, rows, exact_frame(columns, records), tuple(notes), **more)

    @property
    def group_starts(self) -> tuple[bool, ...]:
        """For each row, whether it begins a group: it continues fewer headings than the innermost rows do."""
        continued = [next((i for i, cell in enumerate(row) if cell), 0) for row in self.rows]
        innermost = max(continued, default=0)
        return tuple(count < innermost or innermost == 0 for count in continued)


TableFunction = Callable[[Config, Table, Results], TableData]
"""``(config, block, results) -> data`` of one table."""


Section = Literal["dataset", "comparison", "times", "models", "data", "published"]
"""Section of the report that shows a table; tables of ``dataset`` are shown for each dataset, cut to it."""


@dataclass(frozen=True)
class TableKind:
    """A registered table kind.

    Attributes:
        draft: its function.
        section: where the report shows it.
        reads: what of a run's results it reads.
    """

    draft: TableFunction
    section: Section
    reads: tuple[Part, ...]


TABLES: Registry[TableKind] = Registry("table kind")


def table(kind: str, section: Section, reads: tuple[Part, ...]) -> Callable[[TableFunction], TableFunction]:
    """Decorator that registers a function as the table kind ``kind``; arguments are literals.

    :mod:`feasible_al.jobs.kinds` reads them from the file; see there for ``reads``.
    """

    def register(draft: TableFunction) -> TableFunction:
        TABLES.add(kind, TableKind(draft, section, reads))
        return draft

    return register


def spread_of_iterations(iterations: int) -> tuple[int, ...]:
    """Up to four iterations from the second to the last: 2, 6, 10, 15 of 15, as in the paper."""
    if iterations <= 4:
        return tuple(range(1, iterations + 1))
    return tuple(2 + (iterations - 2) * step // 3 for step in range(4))
