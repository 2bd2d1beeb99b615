"""Table kinds, one per file; every file in this folder is imported, which registers its kind."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from feasible_al.analysis.method_notes import conditions
from feasible_al.analysis.missing import skipped_or_missing
from feasible_al.analysis.narrowed import narrowing
from feasible_al.analysis.spreadsheet import write_sheet
from feasible_al.analysis.tables.base import TABLES, TableData, TableKind, table
from feasible_al.analysis.tables.latex import to_latex
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.config.unions import load_all
from feasible_al.core.errors import unknown_name
from feasible_al.core.io import write_text
from feasible_al.jobs.shown import chosen_datasets, chosen_series, of_table
from feasible_al.results.collect import Reasons, Results, join

load_all(__name__)

__all__ = ["TABLES", "TableData", "TableKind", "table", "table_block", "table_data", "write_table"]


def table_block(config: Config, name: str) -> Table:
    """The config block of table ``name``.

    Raises:
        InputError: if a resolved config has no such table.
    """
    if name not in config.tables:
        raise unknown_name("table", name, config.tables)
    return config.tables[name]


def table_data(config: Config, block: Table, results: Results) -> TableData:
    """Make the data of a table.

    Its notes: how a scaled or narrowed run differs from a full one, the conditions (sizes, settings, seeds)
    of each dataset, the notes of its kind, and what is skipped or missing and why.

    Raises:
        InputError: if its kind is unknown.
    """
    data = TABLES[block.kind].draft(config, block, results)
    remarks = filter(None, (config.run.scaled, narrowing(config)))
    missing = (f"{line}." for line in skipped_or_missing(config, of_table(config, block), results))
    return replace(data, notes=(*remarks, *_conditions(config, block, data), *data.notes, *missing))


def _conditions(config: Config, block: Table, data: TableData) -> Iterator[str]:
    """A note on the conditions of each dataset; tables about models or data have none."""
    if TABLES[block.kind].section in ("models", "data"):
        return
    for dataset in chosen_datasets(config, block):
        series = block.series if block.published else chosen_series(config, block, dataset)
        yield conditions(config, dataset, series, named="series" in data.frame.columns)


def write_table(config: Config, name: str, run_folder: Path, reasons: Reasons | None = None) -> None:
    """Write table ``name`` to ``tables/<name>.csv`` and ``.tex``.

    See :func:`feasible_al.results.collect.join` for ``reasons``.
    """
    block = table_block(config, name)
    data = table_data(config, block, join(config, run_folder, of_table(config, block), reasons))
    write_sheet(run_folder / "tables" / f"{name}.csv", data.frame)
    write_text(run_folder / "tables" / f"{name}.tex", to_latex(data))
