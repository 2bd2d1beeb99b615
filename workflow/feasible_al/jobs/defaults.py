"""Fill in what a config leaves out: the series of its grids, shared weights, default figures and tables."""

from collections.abc import Container
from itertools import product

from feasible_al.config import Config
from feasible_al.config.blocks import Figure, Grid, Series, Table
from feasible_al.config.models import DistilledWeights, ModelBlock, SameWeights
from feasible_al.core.errors import InputError
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.strategies import STRATEGIES


def resolved(config: Config) -> Config:
    """The config with the grid expanded, shared weights and default figures and tables filled in.

    Raises:
        InputError: if two different series get the same name.
    """
    series = dict(config.series)
    for name, grid in config.grid.items():
        _add(series, name, grid, config.imported_trajectories)
    figures = config.figures or _default_figures(config, series)
    long_tailed = _long_tailed(config, series)
    tables = config.tables or {
        "datasets": Table(kind="datasets"),
        "scores": Table(kind="scores"),
        "times": Table(kind="timings"),
        **({"rank_overlap": Table(kind="rank_overlap")} if _scores_whole_pools(series) else {}),
        **({"rare_class": Table(kind="rare_class", datasets=long_tailed)} if long_tailed else {}),
        **({"distilled": Table(kind="students")} if _uses_a_student(config, series) else {}),
    }
    if config.comparison:
        # Figures and tables of the config come first, and replace those of the comparison with the same name.
        figures = figures | config.comparison.figures(series) | figures
        tables = config.comparison.tables(series) | tables
    models = _with_weights(config.models)
    filled = {"models": models, "series": series, "grid": {}, "figures": figures, "tables": tables}
    return config.model_copy(update=filled)


def _default_figures(config: Config, series: dict[str, Series]) -> dict[str, Figure]:
    """The learning curves of each dataset and, if it has a profile, how much of its rarest class is found."""
    figures = {}
    for name, dataset in config.datasets.items():
        if shown := tuple(key for key, entry in series.items() if name in entry.datasets):
            full = dataset.full.models if dataset.full else ()
            figures[f"curves_{name}"] = Figure(dataset=name, series=shown, full=full)
            if name in _long_tailed(config, series):
                figures[f"rare_class_{name}"] = Figure(kind="rare_class", dataset=name, series=shown)
    return figures


def _long_tailed(config: Config, series: dict[str, Series]) -> tuple[str, ...]:
    """The datasets that some series names and whose classes have a profile."""
    named = {name for entry in series.values() for name in entry.datasets}
    return tuple(
        name
        for name, dataset in config.datasets.items()
        if name in named and dataset.profile and dataset.task == "classification"
    )


def _with_weights(models: dict[str, ModelBlock]) -> dict[str, ModelBlock]:
    """The models, with the weights of the named model where weights are shared; checks report wrong names."""
    found = dict(models)
    for name, model in models.items():
        if isinstance(model, Encoder) and isinstance(model.weights, SameWeights):
            other = models.get(model.weights.model)
            if isinstance(other, Encoder) and not isinstance(other.weights, SameWeights):
                found[name] = model.model_copy(update={"weights": other.weights})
    return found


def _scores_whole_pools(series: dict[str, Series]) -> bool:
    return any(
        entry.acquisition != "none"
        and entry.subsampling == "none"
        and entry.strategy in STRATEGIES
        and not STRATEGIES[entry.strategy].batch
        for entry in series.values()
    )


def _uses_a_student(config: Config, series: dict[str, Series]) -> bool:
    used = {
        name for entry in series.values() for name in (entry.acquisition, entry.labeller, entry.successor)
    }
    used |= {name for dataset in config.datasets.values() if dataset.full for name in dataset.full.models}
    return any(
        isinstance(model, Encoder) and isinstance(model.weights, DistilledWeights)
        for name, model in config.models.items()
        if name in used
    )


def _add(series: dict[str, Series], name: str, grid: Grid, imported: Container[str]) -> None:
    """Add the series of a grid; a strategy without acquisition model gets one series for each successor."""
    for (acquisition, successor), strategy, rule in product(grid.pairs, grid.strategies, grid.subsampling):
        trained = strategy not in imported  # whether a model chooses
        if strategy in STRATEGIES:
            trained = STRATEGIES[strategy].needs_model
        acquirer, subsampling = (acquisition, rule) if trained else ("none", "none")
        suffix = "" if subsampling == "none" else f"-{subsampling}"
        made = f"{name}-{acquirer}-{strategy}-{successor}{suffix}"
        block = Series(
            datasets=grid.datasets,
            acquisition=acquirer,
            strategy=strategy,
            subsampling=subsampling,
            successor=successor,
        )
        if series.setdefault(made, block) != block:
            message = f"another series is called {made!r} too; rename the grid, a model or a rule"
            raise InputError(message, f"grid.{name}")
