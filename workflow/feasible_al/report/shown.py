"""Figures and tables as the page shows them: their data, numbers and files."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from feasible_al.analysis.figures import Picture, figure_data
from feasible_al.analysis.figures.text import notice
from feasible_al.analysis.tables import TABLES, TableData, table_data
from feasible_al.analysis.tables.base import Section
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError
from feasible_al.core.repository import ROOT
from feasible_al.report.reading import reading_of
from feasible_al.results.collect import Results

ASSETS = ROOT / "report"
"""The folder with the page's templates, style sheet and script."""

Link = tuple[str, str]
"""The label of a file, and its address relative to the page."""


@dataclass(frozen=True)
class ShownFigure:
    """A figure in the page.

    Attributes:
        data: what it shows.
        number: its number in the config; if empty, the page counts its figures.
        reading: how to read figures of its kind.
        boxes: a notice of characters that its PNG and PDF cannot show; empty if there are none.
        svg: the drawing, to be put into the page.
        csv: its data as a ``data:`` address.
        files: its files.
    """

    data: Picture
    number: str
    reading: str
    boxes: str
    svg: Markup
    csv: str
    files: tuple[Link, ...]


@dataclass(frozen=True)
class ShownTable:
    """A table in the page: its data, its number (see :class:`ShownFigure`) and its files."""

    data: TableData
    number: str
    files: tuple[Link, ...]


def shown_tables(
    config: Config, results: Results, blocks: Mapping[str, Table], section: Section
) -> tuple[ShownTable, ...]:
    """Those tables of ``blocks`` whose kind belongs to a section of the page."""
    return tuple(
        ShownTable(table_data(config, block, results), block.number, table_files(name))
        for name, block in blocks.items()
        if TABLES[block.kind].section == section
    )


def shown_figure(config: Config, run_folder: Path, results: Results, name: str) -> ShownFigure:
    """Figure ``name``, with its SVG and CSV read from ``run_folder/figures``.

    Raises:
        InputError: if one of these files is missing.
    """
    drawn = {}
    for extension in ("svg", "csv"):
        path = run_folder / "figures" / f"{name}.{extension}"
        if not path.exists():
            raise InputError(f"there is no such file; make the figure {name} first", str(path))
        drawn[extension] = path.read_text(encoding="utf-8")
    encoded = base64.b64encode(drawn["csv"].encode()).decode()
    data = figure_data(config, name, results)
    return ShownFigure(
        data,
        config.figures[name].number,
        reading_of(config.figures[name].kind),
        notice(data.texts),
        Markup(drawn["svg"]),  # noqa: S704 - drawn by us, its texts escaped
        f"data:text/csv;charset=utf-8;base64,{encoded}",
        figure_files(name),
    )


def figure_files(name: str) -> tuple[Link, ...]:
    """The files of a figure."""
    return files_of("figures", name, "csv", "svg", "pdf", "png")


def table_files(name: str) -> tuple[Link, ...]:
    """The files of a table."""
    return files_of("tables", name, "csv", "tex")


def files_of(folder: str, name: str, *extensions: str) -> tuple[Link, ...]:
    """The files of one name in a folder of the run, one per extension."""
    return tuple((f"{name}.{extension}", quote(f"{folder}/{name}.{extension}")) for extension in extensions)
