"""What jobs read from outside the run: by which keys the resolved config knows its digests."""

from typing import Any

from feasible_al.config.schema import EXTERNALS, Config


def dataset_key(dataset: str) -> str:
    """Of a dataset's source."""
    return f"datasets.{dataset}"


def model_key(model: str) -> str:
    """Of a model's checkpoint or word vectors."""
    return f"models.{model}"


def trajectory_key(name: str, dataset: str, seed: int) -> str:
    """Of a trajectory from elsewhere."""
    return f"trajectories.{name}.{dataset}.seed{seed}"


def read_outside(config: Config, key: str) -> dict[str, Any]:
    """The part of a slice that holds the digests of a key's files; empty where it reads none."""
    return {EXTERNALS: config.externals[key]} if key in config.externals else {}
