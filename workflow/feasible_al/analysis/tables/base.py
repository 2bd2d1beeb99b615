"""The contract of table kinds, their columns, and their registry."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from typing import Any, Literal

import pandas as pd

from feasible_al.analysis import names
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.core.registry import Registry
from feasible_al.jobs.kinds import Part
from feasible_al.results.collect import Acquirer, Results

Record = Mapping[str, Any]
"""What a line of a table shows, by key."""


@dataclass(frozen=True)
class Column:
    """A column, declared once: what it is called in the CSV and by people, and how a value becomes text.

    Attributes:
        names: in the CSV; several for the first fields of a spread or an interval, none of a column for
            people alone.
        label: heading; a column without one is in the CSV alone.
        format: from the value to a cell.
        numeric: whether cells are set flush right.
        of: keys of the values that ``format`` takes, where they are not the first name.
        once: whether a value is shown only where it, or that of such a column before it, changes.
    """

    names: str | tuple[str, ...] = ()
    label: str = ""
    format: Callable[..., str] = str
    numeric: bool = True
    of: tuple[str, ...] = ()
    once: bool = False

    @property
    def written(self) -> tuple[str, ...]:
        """The names in the CSV."""
        return (self.names,) if isinstance(self.names, str) else self.names

    def values(self, record: Record) -> list[Any]:
        """What a cell is made from."""
        return [record[key] for key in self.of or self.written[:1]]

    def exact(self, record: Record) -> tuple[Any, ...]:
        """The unrounded values, one for each name."""
        if len(self.written) < 2:
            return tuple(record[name] for name in self.written)
        value = record[self.written[0]]
        return (None,) * len(self.written) if value is None else astuple(value)[: len(self.written)]


def ends(name: str) -> tuple[str, str, str]:
    """The names of a mean with its interval."""
    return name, f"{name}_low", f"{name}_high"


def cells(columns: Iterable[Column], record: Record) -> tuple[str, ...]:
    """The row of a record."""
    return tuple(column.format(*column.values(record)) for column in columns if column.label)


def text_rows(columns: Sequence[Column], records: Iterable[Record]) -> Iterator[tuple[str, ...]]:
    """The rows of records; what is shown once and continues the row above is left empty."""
    before: Record | None = None
    for record in records:
        row, continues = [], True
        for column in columns:
            if column.once:
                same = before is not None and column.values(record) == column.values(before)
                continues = continues and same
            if column.label:
                row.append("" if column.once and continues else column.format(*column.values(record)))
        yield tuple(row)
        before = record


def exact_frame(columns: Sequence[Column], records: Iterable[Record]) -> pd.DataFrame:
    """The unrounded values of records, a line each."""
    return pd.DataFrame(
        [[value for column in columns for value in column.exact(record)] for record in records],
        columns=[name for column in columns for name in column.written],
    )


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


def dataset_column(config: Config, *, shown: bool = True, once: bool = False) -> Column:
    """The dataset of a line, by its name for people."""
    name = partial(names.dataset_name, config)
    return Column("dataset", "Dataset" if shown else "", name, numeric=False, once=once)


def series_column(config: Config) -> Column:
    """The series of a line, by its name for people."""
    return Column("series", "Series", partial(names.series_name, config), numeric=False)


def acquirer_columns(
    config: Config, labels: Mapping[Acquirer, str], *, several: bool = True
) -> tuple[Column, ...]:
    """The acquirer of a line; without its dataset for people where there are not several."""
    chosen = Column(label="Chosen by", format=labels.__getitem__, numeric=False, of=("acquirer",), once=True)
    exact = (Column("acquisition"), Column("strategy"), Column("subsampling"))
    return (dataset_column(config, shown=several, once=True), chosen, *exact)
