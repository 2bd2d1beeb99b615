"""The report of a run: one self-contained HTML file."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from feasible_al.analysis.claims.ledger import judge
from feasible_al.analysis.claims.ledger_row import verdict_counts
from feasible_al.analysis.intervals import ABOUT_SEEDS
from feasible_al.analysis.method_notes import method_notes
from feasible_al.analysis.missing import missing
from feasible_al.analysis.names import checkpoint_source, dataset_name, model_name
from feasible_al.analysis.narrowed import narrowing
from feasible_al.analysis.provenance import MACHINE_KEYS, cited, provenance
from feasible_al.analysis.spent import seconds_by_job, spent_on
from feasible_al.analysis.statistics import CLAIM_VERDICTS, TEST, TOO_FEW
from feasible_al.analysis.summary import unlearned, what_came_out, what_was_run
from feasible_al.config.schema import Config
from feasible_al.core.errors import printable
from feasible_al.core.io import write_text
from feasible_al.jobs import model_key
from feasible_al.jobs.shown import chosen_datasets, datasets_named, of_page
from feasible_al.report.forest import forest_of_claims, forests_of_gains
from feasible_al.report.shown import (
    ASSETS,
    Link,
    ShownFigure,
    ShownTable,
    figure_files,
    files_of,
    shown_figure,
    shown_tables,
    table_files,
)
from feasible_al.report.strategies import StrategyPart, strategy_parts
from feasible_al.results.collect import Reasons, Results, join

TIDY = ("curves", "timings", "overlap")


@dataclass(frozen=True)
class DatasetSection:
    """The section of one dataset; ``terms`` explain its methods, ``skip`` says why it was not run."""

    key: str
    name: str
    note: str
    skip: str
    terms: tuple[str, ...]
    figures: tuple[ShownFigure, ...]
    tables: tuple[ShownTable, ...]


@dataclass(frozen=True)
class ComparisonPart:
    """The section that compares strategies."""

    tables: tuple[ShownTable, ...]
    strategies: list[StrategyPart]


@dataclass(frozen=True)
class Script:
    """The page's script, and its digest: the page's security policy lets no other script run."""

    text: Markup
    digest: str


def report(
    config: Config,
    run_folder: Path,
    reasons: Reasons | None = None,
    unmade: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Write ``report.html`` of a run whose figures are drawn, and return its path.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        reasons: see :func:`feasible_al.results.collect.join`.
        unmade: figures, tables and claims that could not be made, with the reason.

    Raises:
        InputError: if a file that the page shows is missing; the message says what makes it.
    """
    kept = {
        block: {name: value for name, value in getattr(config, block).items() if name not in unmade}
        for block in ("figures", "tables")
    }
    claims = {} if "claims" in unmade else config.claims
    config = config.model_copy(update={**kept, "claims": claims})
    shown = of_page(config)
    results = join(config, run_folder, shown, reasons)
    ledger = judge(config, results)
    environment = Environment(
        loader=FileSystemLoader(ASSETS / "templates"),
        autoescape=True,
        finalize=lambda value: printable(value) if type(value) is str else value,  # Markup is a str, and ours
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    origin, seconds = provenance(config, run_folder, results), seconds_by_job(results.timings)
    page = environment.get_template("report.html.j2").render(
        title=config.run.title or config.run.name,
        run=config.run.name,
        style=Markup((ASSETS / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own style sheet
        scaled=config.run.scaled,
        narrowed=narrowing(config),
        command=config.narrow.command if config.narrow else "",
        corrected=bool(config.narrow and config.narrow.targets),
        missing=[*(f"{n}: {why}" for n, why in unmade.items()), *missing(config, shown, results)],
        opening=what_was_run(config),
        ledger=ledger,
        picture=forest_of_claims(ledger),
        gains=forests_of_gains(config, results),
        verdict_counts=verdict_counts(ledger),
        verdicts=CLAIM_VERDICTS,
        about_seeds=ABOUT_SEEDS,
        test=TEST,
        too_few=TOO_FEW,
        outcomes=[*what_came_out(config, results), *unlearned(config, results)],
        comparison=_comparison(config, results),
        script=_script(),
        sections=[_section(config, run_folder, results, name) for name in datasets_named(config)],
        times=shown_tables(config, results, config.tables, "times"),
        models=shown_tables(config, results, config.tables, "models"),
        data=shown_tables(config, results, config.tables, "data"),
        published=shown_tables(config, results, config.tables, "published"),
        inferences=tuple(config.inferences.values()),
        machine_keys=MACHINE_KEYS,
        origin=origin,
        spent={name: spent_on(config, name, seconds, origin.joules) for name in config.figures},
        sources=[(dataset_name(config, name), stats) for name, stats in results.stats.items()],
        labellers=list(results.labellers.items()),
        weights=[
            (model_name(config, name), checkpoint_source(config, name), files)
            for name in config.models
            if (files := config.externals.get(model_key(name)))
        ],
        cited=cited(),
        files=_all_files(config),
    )
    path = run_folder / "report.html"
    write_text(path, page)
    return path


def _comparison(config: Config, results: Results) -> ComparisonPart | None:
    tables = shown_tables(config, results, config.tables, "comparison")
    strategies = strategy_parts(config, results) if tables or config.comparison else []
    return ComparisonPart(tables, strategies) if tables or strategies else None


def _script() -> Script:
    text = (ASSETS / "enhance.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Script(Markup(text), f"sha256-{digest}")  # noqa: S704 - our own script


def _section(config: Config, run_folder: Path, results: Results, dataset: str) -> DatasetSection:
    """The figures of a dataset, and its rows of the tables that are shown by dataset."""
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
        tuple(shown_figure(config, run_folder, results, name) for name in figures),
        shown_tables(config, results, tables, "dataset"),
    )


def _all_files(config: Config) -> list[tuple[str, tuple[Link, ...]]]:
    """Groups of files: what each group holds, and its files."""
    return [
        (
            "All curves, times and overlaps of queries with the previous ranking; one row per observation",
            tuple(link for name in TIDY for link in files_of("tables", name, "csv")),
        ),
        *([("Claims and verdicts", files_of("tables", "claims", "csv"))] if config.claims else []),
        *((f"Figure {name}", figure_files(name)) for name in config.figures),
        *((f"Table {name}", table_files(name)) for name in config.tables),
    ]
