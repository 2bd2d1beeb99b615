"""Acquirers: the trajectories behind series, without their seeds, and their names in tables."""

from collections.abc import Iterable

from feasible_al.analysis.names import acquirer_name
from feasible_al.config.schema import Config
from feasible_al.results.collect import Acquirer


def choosers_of(config: Config, dataset: str, series: Iterable[str]) -> list[Acquirer]:
    """The trajectories of some series, in their order, also those without an acquisition model."""
    blocks = [config.series[name] for name in series]
    return list(
        dict.fromkeys(
            Acquirer(dataset, block.acquisition, block.strategy, block.subsampling) for block in blocks
        )
    )


def acquirers_of(config: Config, dataset: str, series: Iterable[str]) -> list[Acquirer]:
    """The acquirers of some series, in their order; a series without an acquisition model has none."""
    return [chooser for chooser in choosers_of(config, dataset, series) if chooser.acquisition != "none"]


def acquirer_labels(config: Config, acquirers: Iterable[Acquirer]) -> dict[Acquirer, str]:
    """Names from model and subsampling; with the strategy if two of a dataset would have the same name.

    Without a model, the strategy alone.
    """
    everyone = list(acquirers)
    trained = [a for a in everyone if a.acquisition != "none"]
    names = {a: acquirer_name(config, a.acquisition, a.subsampling) for a in trained}
    ambiguous = len({(a.dataset, name) for a, name in names.items()}) < len(trained)
    found = {a: f"{name}, {a.strategy}" if ambiguous else name for a, name in names.items()}
    return {a: found.get(a, a.strategy) for a in everyone}
