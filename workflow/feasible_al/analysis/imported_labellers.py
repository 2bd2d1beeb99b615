"""Imported labellers: how much of a training set they label, how well, and at what cost."""

import math
from collections.abc import Iterable
from typing import Any

from feasible_al.analysis.names import SCORE, UNIT, dataset_name
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results


def coverage(labeller: str, facts: dict[str, Any]) -> str:
    """How much of the training set a labeller's file labels, and how well, from its manifest."""
    share = 100 * facts["instances"] / facts["training_instances"]
    score = SCORE[facts["metric"]].removeprefix("test ")
    return (
        f"the file of {labeller} labels {facts['instances']:,} of {facts['training_instances']:,} training "
        f"instances ({share:.4g}%); compared with their gold labels, {score} {facts['score']:.3f}"
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
