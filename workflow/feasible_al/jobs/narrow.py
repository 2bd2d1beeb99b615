"""Narrow a config to a part of its run: some seeds, some points, some figures and tables."""

from collections.abc import Iterable, Iterator
from typing import Any

from feasible_al.config import Config
from feasible_al.config.blocks import Narrow, Series
from feasible_al.core.errors import InputError
from feasible_al.jobs.checks import Problem, unknown
from feasible_al.jobs.reads import FIGURE_KINDS, TABLE_KINDS
from feasible_al.jobs.shown import Pair, Shown, chosen_datasets, chosen_series, of_figure, of_table


def of_narrow(config: Config) -> Iterator[Problem]:
    """Check the seeds, points and targets to which a config is narrowed, and that something is left."""
    part = config.narrow
    if part is None:
        return
    faults = [*_of_names(config, part)]
    yield from faults
    if faults:
        return
    left = narrowed(config)
    for dataset in sorted({dataset for block in left.series.values() for dataset in block.datasets}):
        last = config.datasets[dataset].budget.iterations
        for point in part.points:
            if not 0 <= point <= last:
                message = f"there is no point {point} on {dataset}; the last one is {last}"
                faults.append((("narrow", "points"), InputError(message)))
    yield from faults
    if not faults and not any(left.curves_run()) and any(config.curves_run()):
        yield ("narrow",), InputError("nothing is left to run: no series has one of these seeds and points")


def _of_names(config: Config, part: Narrow) -> Iterator[Problem]:
    for seed in part.seeds:
        if seed not in config.seeds:
            seeds = ", ".join(map(str, config.seeds))
            yield ("narrow", "seeds"), InputError(f"the config has no seed {seed}; its seeds are {seeds}")
    known = [*config.figures, *config.panels, *config.tables]
    yield from unknown("figure or table", part.targets, known, ("narrow", "targets"))
    for target in part.targets:
        if target in known and not series_of(config, [target]):
            message = f"{target} shows no series, so a run cannot be narrowed to it"
            yield ("narrow", "targets"), InputError(message)


def narrowed(config: Config) -> Config:
    """What the ``narrow`` block of a resolved config leaves of it.

    A series without a seed or point that is left is skipped. With targets, only their figures, tables and
    series stay, and no claims: these need the whole run.
    """
    part = config.narrow
    if part is None:
        return config
    seeds = tuple(seed for seed in config.seeds if not part.seeds or seed in part.seeds)
    shown = _shown(config, part.targets)
    pairs = series_of(config, part.targets)
    left: dict[str, Any] = {"seeds": seeds}
    series = {}
    for name, block in config.series.items():
        places = tuple(place for place in block.datasets if not part.targets or (name, place) in pairs)
        if places:
            count = sum(seed in seeds for seed in config.seeds[: block.seeds])
            series[name] = _series(block.model_copy(update={"datasets": places}), part, count)
    left["series"] = series
    datasets = dict(config.datasets)
    for name, dataset in datasets.items():
        if dataset.full:
            count = sum(seed in seeds for seed in config.seeds[: dataset.full.seeds])
            models = tuple(m for m in dataset.full.models if not part.targets or (m, name) in shown.full)
            full = dataset.full.model_copy(update={"models": models, "seeds": count})
            datasets[name] = dataset.model_copy(update={"full": full if models and count else None})
    left["datasets"] = datasets
    if part.targets:
        left |= _targets(config, part.targets)
    return config.narrowed_to(left)


def series_of(config: Config, targets: Iterable[str]) -> frozenset[Pair]:
    """The series and datasets that figures, panels and tables show, or compare with what they show."""
    figures, tables = _blocks(config, targets)
    shown = _shown(config, targets)
    named = {(name, block.dataset) for block in figures.values() for name in block.series}
    for table in tables.values():
        for dataset in chosen_datasets(config, table) if table.series else ():
            named |= {(name, dataset) for name in chosen_series(config, table, dataset)}
    return shown.curves | shown.chosen | named


def _series(block: Series, part: Narrow, seeds: int) -> Series:
    """A series with the seeds and points that are left of it."""
    points = block.points
    if part.points and not block.own:
        points = tuple(point for point in sorted(part.points) if not block.points or point in block.points)
        if not points:
            return block.model_copy(update={"skip": block.skip or "the run is narrowed to other points"})
    if not seeds:
        return block.model_copy(update={"skip": block.skip or "the run is narrowed to other seeds"})
    return block.model_copy(update={"points": points, "seeds": seeds})


def _targets(config: Config, targets: Iterable[str]) -> dict[str, Any]:
    """What is left of the blocks that a page shows."""
    figures, tables = _blocks(config, targets)
    parts = {part for block in figures.values() for part in FIGURE_KINDS[block.kind]}
    parts |= {part for block in tables.values() for part in TABLE_KINDS[block.kind]}
    comparison = config.comparison
    if comparison:
        own = {*comparison.figures(config.series), *comparison.tables(config.series)}
        needed = {"entrants", "reference"} & parts or own & {*figures, *tables}
        comparison = comparison if needed else None
    panels = {name: names for name, names in config.panels.items() if name in targets}
    blocks = {"figures": figures, "panels": panels, "tables": tables}
    return {**blocks, "claims": {}, "comparison": comparison}


def _blocks(config: Config, targets: Iterable[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The figures and tables of targets, in the order of the config."""
    wanted = {name for target in targets for name in (target, *config.panels.get(target, ()))}
    figures = {name: block for name, block in config.figures.items() if name in wanted}
    return figures, {name: block for name, block in config.tables.items() if name in wanted}


def _shown(config: Config, targets: Iterable[str]) -> Shown:
    """The results that targets show."""
    figures, tables = _blocks(config, targets)
    shown = Shown()
    for name in figures:
        shown |= of_figure(config, name)
    for table in tables.values():
        shown |= of_table(config, table)
    return shown
