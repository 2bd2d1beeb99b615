"""Columns of tables, and the rows and the frame that follow from them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from typing import Any

import pandas as pd

from feasible_al.analysis import names
from feasible_al.config.schema import Config
from feasible_al.results.collect import Acquirer

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
