"""Imported labellers: how much of a training set they label, how well, and at what cost."""

import math
from collections.abc import Iterable
from typing import Any

from feasible_al.analysis.names import UNIT, dataset_name, score_name
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results


def coverage(config: Config, dataset: str, labeller: str, facts: dict[str, Any]) -> str:
    """How much of the training set a labeller's file labels, and how well, from its manifest."""
    labelled, size = facts["instances"], facts["training_instances"]
    score = facts["scores"][config.datasets[dataset].shown_metric]
    return (
        f"{dataset_name(config, dataset)}: the file of {labeller} labels {labelled:,} of {size:,} training "
        f"instances ({100 * labelled / size:.4g}%); compared with their gold labels, "
        f"{score_name(config, dataset).removeprefix('test ')} {score:.3f}."
    )


def labeller_cost(config: Config, results: Results, dataset: str, series: str) -> float:
    """The price of all labels in the file of a series' imported labeller; 0 without one, NaN if not read."""
    name = config.series[series].labeller
    if name is None or name not in config.imported_labellers:
        return 0.0
    facts = results.labellers.get((dataset, name))
    return config.imported_labellers[name].price * facts["labels"] if facts else math.nan


def cost_notes(config: Config, results: Results, dataset: str, series: Iterable[str]) -> tuple[str, ...]:
    """A sentence on the cost of each imported labeller of some series of a dataset."""
    unit = UNIT[config.datasets[dataset].task]
    labellers = dict.fromkeys(config.series[name].labeller for name in series)
    return tuple(
        f"{dataset_name(config, dataset)}: series with the imported labeller {name} also pay for every label "
        f"in its file, at once: {facts['labels']:,} {unit} at {block.price:g} each."
        for name, block in config.imported_labellers.items()
        if name in labellers and (facts := results.labellers.get((dataset, name)))
    )
