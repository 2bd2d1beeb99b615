"""The contract of table kinds, their columns and their registry."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from typing import Any, Literal

import pandas as pd

from feasible_al.analysis import names
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.core.registry import Registry
from feasible_al.jobs.reads import Part
from feasible_al.results.collect import Acquirer, Results

Record = Mapping[str, Any]
"""The values of one row of a table, by key."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its names in the CSV, its heading, and how its values become text.

    Attributes:
        names: its names in the CSV. Several names stand for the first fields of a spread or an interval; a
            column without a name is shown, but not written to the CSV.
        label: its heading; a column without a heading is only in the CSV.
        format: makes the text of a cell.
        numeric: whether cells are aligned to the right.
        of: keys of the record whose values ``format`` takes; by default, the first of ``names``.
        once: whether a cell is left empty if this column and all ``once`` columns before it have the same
            values as in the row above.
    """

    names: str | tuple[str, ...] = ()
    label: str = ""
    format: Callable[..., str] = str
    numeric: bool = True
    of: tuple[str, ...] = ()
    once: bool = False

    @property
    def written(self) -> tuple[str, ...]:
        """The names in the CSV, as a tuple."""
        return (self.names,) if isinstance(self.names, str) else self.names

    def values(self, record: Record) -> list[Any]:
        """The values that ``format`` takes."""
        return [record[key] for key in self.of or self.written[:1]]

    def exact(self, record: Record) -> tuple[Any, ...]:
        """The unrounded values for the CSV, one for each name."""
        if len(self.written) < 2:
            return tuple(record[name] for name in self.written)
        value = record[self.written[0]]
        return (None,) * len(self.written) if value is None else astuple(value)[: len(self.written)]


def interval_names(name: str) -> tuple[str, str, str]:
    """The CSV names of a mean and of the bounds of its interval."""
    return name, f"{name}_low", f"{name}_high"


def cells(columns: Iterable[Column], record: Record) -> tuple[str, ...]:
    """The text cells of one record."""
    return tuple(column.format(*column.values(record)) for column in columns if column.label)


def text_rows(columns: Sequence[Column], records: Iterable[Record]) -> Iterator[tuple[str, ...]]:
    """The text cells of every record; cells of ``once`` columns are empty where they repeat the row above."""
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
    """The unrounded values, a row per record."""
    return pd.DataFrame(
        [[value for column in columns for value in column.exact(record)] for record in records],
        columns=[name for column in columns for name in column.written],
    )


@dataclass(frozen=True)
class TableData:
    """A table in two forms: exact numbers for the CSV, and rounded text for LaTeX and the report.

    Attributes:
        title: heading.
        columns: a column per cell of ``rows``.
        rows: text cells; a row with an empty first cell belongs to the group above it.
        frame: the unrounded numbers.
        notes: how to read the table, and what is missing from it.
        refusal: why the table shows no numbers on purpose; empty otherwise.
        sortable: whether rows are independent of each other, so that readers may sort them.
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
        """A table with a row per record, both in text and in the CSV; ``more`` sets the other attributes."""
        shown, rows = tuple(column for column in columns if column.label), tuple(text_rows(columns, records))
        return cls(title, shown, rows, exact_frame(columns, records), tuple(notes), **more)

    @property
    def group_starts(self) -> tuple[bool, ...]:
        """For each row, whether it starts a group; later rows of a group start with more empty cells."""
        continued = [next((i for i, cell in enumerate(row) if cell), 0) for row in self.rows]
        innermost = max(continued, default=0)
        return tuple(count < innermost or innermost == 0 for count in continued)


TableFunction = Callable[[Config, Table, Results], TableData]
"""Makes the data of one table: ``(config, block, results) -> data``."""

Section = Literal["dataset", "comparison", "times", "models", "data", "published"]
"""A section of the report; a table of ``dataset`` is shown once for each dataset, with its rows only."""


@dataclass(frozen=True)
class TableKind:
    """A registered table kind.

    Attributes:
        draft: makes the data of a table of this kind.
        section: the section of the report that shows it.
        reads: the parts of a run's results that it reads.
    """

    draft: TableFunction
    section: Section
    reads: tuple[Part, ...]


TABLES: Registry[TableKind] = Registry("table kind")


def table(kind: str, section: Section, reads: tuple[Part, ...]) -> Callable[[TableFunction], TableFunction]:
    """Decorator that registers a function as the table kind ``kind``; its arguments must be literals.

    :mod:`feasible_al.jobs.reads` reads them from the source file, and explains ``reads``.
    """

    def register(draft: TableFunction) -> TableFunction:
        TABLES.add(kind, TableKind(draft, section, reads))
        return draft

    return register


def spread_of_iterations(iterations: int) -> tuple[int, ...]:
    """Up to four iterations, spread from the second to the last: of 15, the paper's 2, 6, 10 and 15."""
    if iterations <= 4:
        return tuple(range(1, iterations + 1))
    return tuple(2 + (iterations - 2) * step // 3 for step in range(4))


def dataset_column(config: Config, *, shown: bool = True, once: bool = False) -> Column:
    """A column with the label of the dataset."""
    name = partial(names.dataset_name, config)
    return Column("dataset", "Dataset" if shown else "", name, numeric=False, once=once)


def series_column(config: Config) -> Column:
    """A column with the label of the series."""
    return Column("series", "Series", partial(names.series_name, config), numeric=False)


def acquirer_columns(
    config: Config, labels: Mapping[Acquirer, str], *, several: bool = True
) -> tuple[Column, ...]:
    """Columns that name an acquirer; its dataset is shown only if there are ``several``."""
    model = Column(
        label="Acquisition model", format=labels.__getitem__, numeric=False, of=("acquirer",), once=True
    )
    exact = (Column("acquisition"), Column("strategy"), Column("subsampling"))
    return (dataset_column(config, shown=several, once=True), model, *exact)
