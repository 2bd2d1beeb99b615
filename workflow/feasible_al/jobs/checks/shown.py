"""Figures, panels and tables: their names, and the datasets and series that they name."""

from collections.abc import Iterable, Iterator

from feasible_al.config import Config
from feasible_al.config.blocks import Key
from feasible_al.core.errors import InputError
from feasible_al.jobs.checks import Problem, unknown
from feasible_al.jobs.reads import FIGURE_KINDS, TABLE_KINDS

# A figure or table is also a target of the workflow, so it cannot be called like another target or a rule.
TAKEN = {
    "all",
    "data",
    "prepare",
    "distill",
    "encode",
    "acquire",
    "fit_successor",
    "fit_full",
    "reuse",
    "collect",
    "figure",
    "table",
    "report",
    "curves",
    "timings",
    "overlap",
    "students",
    "claims",
}
# The numbers of datasets and series in the paper's tables.
PUBLISHED_SIZES = {"1": (1, 5), "2": (1, 1), "3": (3, 0), "6": (1, 5)}


def of_figures(config: Config) -> Iterator[Problem]:
    """Check the names of figures, and that the data that they show exist."""
    for name, figure in config.figures.items():
        key = ("figures", name)
        if name in TAKEN:
            yield key, InputError(f"the name {name!r} is taken; choose another")
        yield from unknown("figure kind", [figure.kind], FIGURE_KINDS, (*key, "kind"))
        yield from unknown("series", figure.series, config.series, (*key, "series"))
        yield from unknown("dataset", [figure.dataset], config.datasets, (*key, "dataset"))
        for series in figure.series:
            if series in config.series and figure.dataset not in config.series[series].datasets:
                message = f"series {series!r} does not run on {figure.dataset!r}"
                yield (*key, "series"), InputError(message)
        if figure.kind == "plasm_diagram":
            for series in figure.series:
                if series in config.series and config.series[series].labeller is None:
                    message = f"series {series!r} has no labeller, so it is not PLASM"
                    yield (*key, "series"), InputError(message)
        yield from _with_classes(config, figure.kind, [figure.dataset], (*key, "dataset"))
        if figure.dataset in config.datasets:
            full = config.datasets[figure.dataset].full
            yield from unknown("full-data fit", figure.full, full.models if full else (), (*key, "full"))
        drawn = (*figure.series, *figure.full)
        yield from unknown("series or full-data fit of the figure", figure.added, drawn, (*key, "added"))


def _with_classes(config: Config, kind: str, datasets: Iterable[str], key: Key) -> Iterator[Problem]:
    """Check that what is about a class names datasets that have classes."""
    for name in datasets:
        if kind == "rare_class" and name in config.datasets and config.datasets[name].task == "tagging":
            yield key, InputError(f"rare_class is about classes, and {name!r} is a tagging dataset")


def of_panels(config: Config) -> Iterator[Problem]:
    """Check the names of panels, and that their figures exist."""
    for name, figures in config.panels.items():
        if name in TAKEN or name in config.figures or name in config.tables:
            yield ("panels", name), InputError(f"the name {name!r} is taken; choose another")
        yield from unknown("figure", figures, config.figures, ("panels", name))


def of_tables(config: Config) -> Iterator[Problem]:
    """Check the names of tables, and that the data that they show exist."""
    for name, table in config.tables.items():
        key = ("tables", name)
        if name in TAKEN or name in config.figures:
            yield key, InputError(f"the name {name!r} is taken; choose another")
        yield from unknown("table kind", [table.kind], TABLE_KINDS, (*key, "kind"))
        yield from unknown("dataset", table.datasets, config.datasets, (*key, "datasets"))
        yield from unknown("series", table.series, config.series, (*key, "series"))
        yield from _with_classes(config, table.kind, table.datasets, (*key, "datasets"))
        if (table.kind == "published") != bool(table.published):
            yield (*key, "published"), InputError("belongs to the kind published, and to no other kind")
        elif table.published and (len(table.datasets), len(table.series)) != PUBLISHED_SIZES[table.published]:
            message = "needs {} datasets and {} series, those of the paper in its order".format(
                *PUBLISHED_SIZES[table.published]
            )
            yield (*key, "published"), InputError(message)
