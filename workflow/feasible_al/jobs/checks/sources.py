"""Datasets, models, imported trajectories and labellers, and reserved names."""

from collections.abc import Iterator

from feasible_al.config import Config
from feasible_al.config.data import METRICS
from feasible_al.config.models import DistilledWeights, SameWeights
from feasible_al.core.errors import InputError, unknown_name
from feasible_al.jobs.checks import Problem, unknown
from feasible_al.jobs.prepared import engine_of
from feasible_al.models.architectures import ARCHITECTURES
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.architectures.plugin import PluginModel
from feasible_al.strategies import STRATEGIES


def of_datasets(config: Config) -> Iterator[Problem]:
    """Check that metric and profile fit the task, and that the models of full-data fits exist."""
    for name, dataset in config.datasets.items():
        if dataset.shown_metric not in (known := METRICS[dataset.task]):
            message = f"{dataset.metric} is not a metric of {dataset.task}; choose {' or '.join(known)}"
            yield ("datasets", name, "metric"), InputError(message)
        if dataset.profile and dataset.task == "tagging":
            message = "belongs to classification: the words of a sentence have tags of several kinds"
            yield ("datasets", name, "profile"), InputError(message)
        if dataset.full:
            yield from unknown(
                "model", dataset.full.models, config.models, ("datasets", name, "full", "models")
            )


def of_models(config: Config) -> Iterator[Problem]:
    """Check that architectures exist, and the encoders whose weights other models start from."""
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
            yield key, InputError(f"{other} is not an encoder with weights of its own")


def of_frozen(config: Config) -> Iterator[Problem]:
    """Check that no model with frozen layers is timed as the paper's models are."""
    for name, model in config.models.items():
        if isinstance(model, Encoder) and model.frozen_layers and engine_of(config, name).mode == "paper":
            message = (
                "the paper's times are those of whole encoders; leave frozen_layers out, or set "
                "engine_mode: fast"
            )
            yield ("models", name, "frozen_layers"), InputError(message)


def of_reserved(config: Config) -> Iterator[Problem]:
    """Check that no name is reserved or used twice, and that imported trajectories do not share a file."""
    for name, trajectory in config.imported_trajectories.items():
        if name in STRATEGIES:
            yield (
                ("imported_trajectories", name),
                InputError(f"there is a query strategy called {name!r} already"),
            )
        datasets = {key for s in config.series.values() if s.strategy == name for key in s.datasets}
        for mark, values in (("seed", config.seeds), ("dataset", datasets)):
            if len(values) > 1 and f"{{{mark}}}" not in trajectory.path:
                message = f"lacks {{{mark}}}, but each of the {len(values)} {mark}s needs a file of its own"
                yield ("imported_trajectories", name, "path"), InputError(message)
    for name, labeller in config.imported_labellers.items():
        if name in config.models:
            yield ("imported_labellers", name), InputError(f"there is a model called {name!r} already")
        datasets = {key for s in config.series.values() if s.labeller == name for key in s.datasets}
        if len(datasets) > 1 and "{dataset}" not in labeller.path:
            message = f"lacks {{dataset}}, but each of the {len(datasets)} datasets needs a file of its own"
            yield ("imported_labellers", name, "path"), InputError(message)
    for block, name, meaning in (
        ("models", "none", "the absence of an acquisition model"),
        ("models", "gold", "gold labels alone"),
        ("imported_labellers", "gold", "gold labels alone"),
        ("subsampling", "none", "scoring the whole pool"),
        ("pseudo_labels", "hard", "plain PLASM"),
    ):
        if name in getattr(config, block):
            yield (block, name), InputError(f"the name {name!r} is reserved: it stands for {meaning}")
