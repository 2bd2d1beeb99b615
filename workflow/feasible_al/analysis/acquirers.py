"""Acquirers: the trajectories behind series, without their seeds, and their names in tables."""

from collections.abc import Iterable

from feasible_al.analysis.names import acquirer_name
from feasible_al.config.schema import Config
from feasible_al.results.collect import Acquirer


def acquirers_of(config: Config, dataset: str, series: Iterable[str]) -> list[Acquirer]:
    """The acquirers of some series, in their order; a series without an acquisition model has none."""
    blocks = [config.series[name] for name in series]
    return list(
        dict.fromkeys(
            Acquirer(dataset, block.acquisition, block.strategy, block.subsampling)
            for block in blocks
            if block.acquisition != "none"
        )
    )


def acquirer_labels(config: Config, acquirers: Iterable[Acquirer]) -> dict[Acquirer, str]:
    """Names from model and subsampling; with the strategy if two of a dataset would have the same name."""
    everyone = list(acquirers)
    names = {a: acquirer_name(config, a.acquisition, a.subsampling) for a in everyone}
    ambiguous = len({(a.dataset, name) for a, name in names.items()}) < len(everyone)
    return {a: f"{name}, {a.strategy}" if ambiguous else name for a, name in names.items()}
