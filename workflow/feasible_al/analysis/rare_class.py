"""How much of the rarest class of a training set is labelled by each query."""

from dataclasses import dataclass

import numpy as np

from feasible_al.results.collect import Acquirer, Results


@dataclass(frozen=True)
class Rarest:
    """The class with the fewest training instances; of several, the first in the order of the labels.

    Attributes:
        name: of the class.
        size: its training instances.
        total: all training instances.
        alone: whether no other class is as rare.
    """

    name: str
    size: int
    total: int
    alone: bool

    @property
    def described(self) -> str:
        """The class and its size, in words."""
        rare = "the rarest class" if self.alone else "one of the rarest classes"
        return f"{self.name!r} ({rare}: {self.size:,} of {self.total:,} training texts)"


@dataclass(frozen=True)
class Found:
    """What one seed of a trajectory labelled, by ascending iteration; 0 is the seed set.

    Attributes:
        seed: the seed.
        iterations: from 0 on.
        labelled: int64[iterations]: training instances that each iteration labelled.
        rare: int64[iterations]: those of the rarest class.
    """

    seed: int
    iterations: tuple[int, ...]
    labelled: np.ndarray
    rare: np.ndarray


def rarest_class(results: Results, dataset: str) -> Rarest | None:
    """The rarest class of a dataset's training set; None if the dataset is missing or has no classes."""
    if dataset not in results.stats or results.stats[dataset]["task"] != "classification":
        return None
    train = results.stats[dataset]["splits"]["train"]
    sizes = {name: size for name in results.stats[dataset]["labels"] if (size := train["per_class"][name])}
    name = min(sizes, key=sizes.__getitem__)
    alone = list(sizes.values()).count(sizes[name]) == 1
    return Rarest(name, sizes[name], train["instances"], alone)


def found_by(results: Results, acquirer: Acquirer, rarest: Rarest) -> list[Found]:
    """What each seed of a trajectory labelled, by ascending seed."""
    rows = results.queried
    for column in ("dataset", "acquisition", "strategy", "subsampling"):
        rows = rows[rows[column] == getattr(acquirer, column)]
    found = []
    for seed in sorted(rows["seed"].unique().tolist()):
        of_seed = rows[rows["seed"] == seed]
        labelled = of_seed.groupby("iteration")["instances"].sum()
        rare = of_seed[of_seed["label"] == rarest.name].groupby("iteration")["instances"].sum()
        rare = rare.reindex(labelled.index, fill_value=0)
        found.append(Found(seed, tuple(labelled.index), labelled.to_numpy(), rare.to_numpy()))
    return found
