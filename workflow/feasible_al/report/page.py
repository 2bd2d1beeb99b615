"""The report of a run: one self-contained HTML file."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from feasible_al.analysis.claims.ledger import judge
from feasible_al.analysis.figures import Picture, figure_data
from feasible_al.analysis.figures.text import notice
from feasible_al.analysis.intervals import ABOUT_SEEDS
from feasible_al.analysis.method_notes import method_notes
from feasible_al.analysis.missing import missing
from feasible_al.analysis.names import dataset_name
from feasible_al.analysis.provenance import MACHINE_KEYS, cited, provenance
from feasible_al.analysis.statistics import CLAIM_VERDICTS, TEST, TOO_FEW
from feasible_al.analysis.summary import unlearned, what_came_out, what_was_run
from feasible_al.analysis.tables import TABLES, TableData, table_data
from feasible_al.analysis.tables.base import Section
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError, printable
from feasible_al.core.io import write_text
from feasible_al.jobs.shown import chosen_datasets, datasets_named, of_page
from feasible_al.report.strategies import StrategyPart, strategy_parts
from feasible_al.results.collect import Reasons, Results, join

LAYOUT = Path(__file__).resolve().parents[3] / "report"
TIDY = ("curves", "timings", "overlap")
Link = tuple[str, str]


@dataclass(frozen=True)
class ShownFigure:
    """A figure in the page.

    Attributes:
        data: what it shows.
        number: the config's; counted when empty.
        reading: how to read figures of its kind.
        boxes: what its PNG and PDF cannot show; empty when they show everything.
        svg: the drawing, to be put into the page.
        csv: its data as a ``data:`` address.
        files: label and address of its files, relative to the report.
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
    """A table in the page, with its number as a figure has one, and label and address of its files."""

    data: TableData
    number: str
    files: tuple[Link, ...]


@dataclass(frozen=True)
class DatasetSection:
    """The part of the page about one dataset; ``terms``: what its methods are, ``skip``: why not run."""

    key: str
    name: str
    note: str
    skip: str
    terms: tuple[str, ...]
    figures: tuple[ShownFigure, ...]
    tables: tuple[ShownTable, ...]


@dataclass(frozen=True)
class ComparisonPart:
    """The part of the page about strategies against each other."""

    tables: tuple[ShownTable, ...]
    strategies: list[StrategyPart]


@dataclass(frozen=True)
class Script:
    """The page's own script, and its digest, which is all that the page's policy lets run."""

    text: Markup
    digest: str


def report(
    config: Config,
    run_folder: Path,
    reasons: Reasons | None = None,
    unmade: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Write ``report.html`` of a run whose figures are drawn; return its path.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        reasons: see :func:`feasible_al.results.collect.join`.
        unmade: figures, tables and claims that could not be made, with the reason.

    Raises:
        InputError: if a file that the page shows is absent; names it and what makes it.
    """
    kept = {
        block: {name: value for name, value in getattr(config, block).items() if name not in unmade}
        for block in ("figures", "tables")
    }
    claims = {} if "claims" in unmade else config.claims
    config = config.model_copy(update={**kept, "claims": claims})
    shown = of_page(config)
    results = join(config, run_folder, shown, reasons)
    environment = Environment(
        loader=FileSystemLoader(LAYOUT / "templates"),
        autoescape=True,
        finalize=lambda value: printable(value) if type(value) is str else value,  # Markup is a str, and ours
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html.j2").render(
        title=config.run.title or config.run.name,
        run=config.run.name,
        style=Markup((LAYOUT / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own style sheet
        scaled=config.run.scaled,
        missing=[*(f"{n}: {why}" for n, why in unmade.items()), *missing(config, shown, results)],
        opening=what_was_run(config),
        ledger=judge(config, results),
        verdicts=CLAIM_VERDICTS,
        about_seeds=ABOUT_SEEDS,
        test=TEST,
        too_few=TOO_FEW,
        outcomes=[*what_came_out(config, results), *unlearned(config, results)],
        comparison=_comparison(config, results),
        script=_script() if config.comparison else None,
        sections=[_section(config, run_folder, results, name) for name in datasets_named(config)],
        times=_tables(config, results, config.tables, "times"),
        models=_tables(config, results, config.tables, "models"),
        data=_tables(config, results, config.tables, "data"),
        published=_tables(config, results, config.tables, "published"),
        inferences=tuple(config.inferences.values()),
        machine_keys=MACHINE_KEYS,
        origin=provenance(config, run_folder, results),
        sources=[(dataset_name(config, name), stats) for name, stats in results.stats.items()],
        cited=cited(),
        files=_all_files(config),
    )
    path = run_folder / "report.html"
    write_text(path, page)
    return path


def _comparison(config: Config, results: Results) -> ComparisonPart | None:
    tables = _tables(config, results, config.tables, "comparison")
    if not tables and not config.comparison:
        return None
    return ComparisonPart(tables, strategy_parts(config, results))


def _script() -> Script:
    text = (LAYOUT / "enhance.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Script(Markup(text), f"sha256-{digest}")  # noqa: S704 - our own script


def _section(config: Config, run_folder: Path, results: Results, dataset: str) -> DatasetSection:
    """Figures of a dataset, and its part of the tables that belong beside them."""
    figures = [name for name, block in config.figures.items() if block.dataset == dataset]
    tables = {
        name: block.model_copy(update={"datasets": (dataset,)})
        for name, block in config.tables.items()
        if dataset in chosen_datasets(config, block)
    }
    return DatasetSection(
        dataset,
        dataset_name(config, dataset),
        config.datasets[dataset].note,
        config.datasets[dataset].skip,
        method_notes(config, dataset),
        tuple(_figure(config, run_folder, results, name) for name in figures),
        _tables(config, results, tables, "dataset"),
    )


def _tables(
    config: Config, results: Results, blocks: Mapping[str, Table], section: Section
) -> tuple[ShownTable, ...]:
    return tuple(
        ShownTable(table_data(config, block, results), block.number, _table_files(name))
        for name, block in blocks.items()
        if TABLES[block.kind].section == section
    )


def _figure(config: Config, run_folder: Path, results: Results, name: str) -> ShownFigure:
    drawn = {}
    for extension in ("svg", "csv"):
        path = run_folder / "figures" / f"{name}.{extension}"
        if not path.exists():
            raise InputError(f"there is no such file; make the figure {name} first", str(path))
        drawn[extension] = path.read_text(encoding="utf-8")
    reading = LAYOUT / "captions" / f"{config.figures[name].kind}.rst"
    encoded = base64.b64encode(drawn["csv"].encode()).decode()
    data = figure_data(config, name, results)
    return ShownFigure(
        data,
        config.figures[name].number,
        " ".join(reading.read_text(encoding="utf-8").split()) if reading.exists() else "",
        notice(data.texts),
        Markup(drawn["svg"]),  # noqa: S704 - drawn by us, its texts escaped
        f"data:text/csv;charset=utf-8;base64,{encoded}",
        _figure_files(name),
    )


def _all_files(config: Config) -> list[tuple[str, tuple[Link, ...]]]:
    """What each group of files holds, and the files."""
    return [
        (
            "All curves, all times, and each query in the ranking before it; a row per observation",
            tuple(link for name in TIDY for link in _files("tables", name, "csv")),
        ),
        *(
            [("Claims and what this run says of them", _files("tables", "claims", "csv"))]
            if config.claims
            else []
        ),
        *((f"Figure {name}", _figure_files(name)) for name in config.figures),
        *((f"Table {name}", _table_files(name)) for name in config.tables),
    ]


def _figure_files(name: str) -> tuple[Link, ...]:
    return _files("figures", name, "csv", "svg", "pdf", "png")


def _table_files(name: str) -> tuple[Link, ...]:
    return _files("tables", name, "csv", "tex")


def _files(folder: str, name: str, *extensions: str) -> tuple[Link, ...]:
    return tuple((f"{name}.{extension}", quote(f"{folder}/{name}.{extension}")) for extension in extensions)
