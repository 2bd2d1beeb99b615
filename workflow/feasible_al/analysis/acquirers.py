"""Acquirers: the trajectories behind series, without their seeds, and their names in tables."""

from collections.abc import Iterable
from dataclasses import replace

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
    """Names from model and subsampling; without a model, the strategy alone.

    If two of a dataset would have the same name, each is called as the one series that measures it alone, or
    by its strategy too: where there is no such series, it has no label, or the label names another one too.
    """
    everyone = list(acquirers)
    names = {
        a: a.strategy if a.acquisition == "none" else acquirer_name(config, a.acquisition, a.subsampling)
        for a in everyone
    }
    if len({(a.dataset, name) for a, name in names.items()}) == len(names):
        return names
    whole = {a: name if a.acquisition == "none" else f"{name}, {a.strategy}" for a, name in names.items()}
    own = _own_labels(config)
    labels = {a: own.get(a) or name for a, name in whole.items()}
    named = {(label, replace(a, dataset="")) for a, label in labels.items()}
    return labels if len(named) == len({label for label, _ in named}) else whole


def _own_labels(config: Config) -> dict[Acquirer, str]:
    """By trajectory, the label of the one series in which no other model and no other labels take part."""
    found: dict[Acquirer, set[str]] = {}
    for block in config.series.values():
        if block.own or (block.acquisition == "none" and not block.labeller and block.steps == "own"):
            for dataset in block.datasets:
                chooser = Acquirer(dataset, block.acquisition, block.strategy, block.subsampling)
                found.setdefault(chooser, set()).add(block.label)
    return {chooser: labels.pop() for chooser, labels in found.items() if len(labels) == 1}
