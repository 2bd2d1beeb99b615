"""Datasets, models and trajectories from elsewhere."""

from collections.abc import Iterator

from feasible_al.config import Config
from feasible_al.config.models import DistilledWeights, SameWeights
from feasible_al.core.errors import InputError, unknown_name
from feasible_al.jobs.checks.base import Problem, unknown
from feasible_al.models.architectures import ARCHITECTURES
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.architectures.plugin import PluginModel
from feasible_al.strategies import STRATEGIES


def of_datasets(config: Config) -> Iterator[Problem]:
    """Whether the models of full-data fits exist."""
    for name, dataset in config.datasets.items():
        if dataset.full:
            yield from unknown(
                "model", dataset.full.models, config.models, ("datasets", name, "full", "models")
            )


def of_models(config: Config) -> Iterator[Problem]:
    """Whether architectures exist, and encoders whose weights others start from."""
    for name, model in config.models.items():
        if isinstance(model, PluginModel):
            known = ("models", name, "architecture")
            yield from unknown("architecture", [model.architecture], ARCHITECTURES, known)
        match model:
            case Encoder(weights=DistilledWeights(teacher=other)):
                key = ("models", name, "weights", "teacher")
            case Encoder(weights=SameWeights(model=other)):
                key = ("models", name, "weights", "model")
            case _:
                continue
        found = config.models.get(other)
        if found is None:
            yield key, unknown_name("model", other, config.models)
        elif not isinstance(found, Encoder) or isinstance(found.weights, DistilledWeights | SameWeights):
            yield key, InputError(f"{other} is no encoder with weights of its own")


def of_reserved(config: Config) -> Iterator[Problem]:
    """Names that stand for something else, and files that trajectories would share."""
    for name, trajectory in config.trajectories.items():
        if name in STRATEGIES:
            yield ("trajectories", name), InputError(f"there is a query strategy called {name!r} already")
        datasets = {key for s in config.series.values() if s.strategy == name for key in s.datasets}
        for mark, values in (("seed", config.seeds), ("dataset", datasets)):
            if len(values) > 1 and f"{{{mark}}}" not in trajectory.path:
                message = f"has no {{{mark}}}, but each of {len(values)} {mark}s needs a file of its own"
                yield ("trajectories", name, "path"), InputError(message)
    for block, name, meaning in (
        ("models", "none", "the absence of an acquisition model"),
        ("models", "gold", "gold labels alone"),
        ("subsampling", "none", "scoring the whole pool"),
        ("pseudo_labels", "hard", "plain PLASM"),
    ):
        if name in getattr(config, block):
            yield (block, name), InputError(f"the name {name!r} stands for {meaning}")
