"""What datasets, models, series and metrics are called in figures, tables and the report."""

from collections.abc import Sequence
from typing import Literal

from feasible_al.config.blocks import Series
from feasible_al.config.data import Metric, Task
from feasible_al.config.models import FolderWeights, HubWeights, WheelWeights
from feasible_al.config.schema import Config

SCORE: dict[Metric, str] = {
    "accuracy": "test accuracy",
    "balanced_accuracy": "test balanced accuracy",
    "macro_f1": "test macro F1",
    "f1": "test span F1",
    "f1_strict": "test strict span F1",
}
UNIT: dict[Task, Literal["texts", "tokens"]] = {"classification": "texts", "tagging": "tokens"}
PLAIN = "random labelling"


def dataset_name(config: Config, dataset: str) -> str:
    """A dataset's label, or its key."""
    return config.datasets[dataset].label or dataset


def score_name(config: Config, dataset: str) -> str:
    """What the score of a dataset is called."""
    return SCORE[config.datasets[dataset].shown_metric]


def model_name(config: Config, model: str) -> str:
    """A model's label, or its key."""
    return config.models[model].label or model


def checkpoint_source(config: Config, model: str) -> str:
    """Where a model's checkpoint comes from, such as ``Hub repository google/electra-base``; else empty."""
    match getattr(config.models[model], "weights", None):
        case HubWeights(repository=name, revision=revision):
            return f"Hub repository {name}, revision {revision}"
        case WheelWeights(distribution=name):
            return f"Python package {name}"
        case FolderWeights(path=path):
            return f"folder {path}"
    return ""


def labeller_name(config: Config, labeller: str) -> str:
    """The name of a model that labels, or of an imported labeller: its key."""
    return labeller if labeller in config.imported_labellers else model_name(config, labeller)


def full_name(config: Config, model: str) -> str:
    """The name of a model fitted on the whole training set."""
    return f"{model_name(config, model)}, all data"


def series_name(config: Config, series: str) -> str:
    """A series' label, or else its models, with the strategy if two series of a dataset have the same models.

    ``acquisition > successor``, and with a labeller (PLASM) ``acquisition > labeller > successor``.
    """
    block = config.series[series]
    if block.label:
        return block.label
    alike = [
        other
        for other in config.series.values()
        if not other.label
        and roles(config, other) == roles(config, block)
        and not set(other.datasets).isdisjoint(block.datasets)
    ]
    return roles(config, block, *([block.strategy] if len(alike) > 1 else []))


def roles(config: Config, block: Series, *details: str) -> str:
    """``chooser > labeller > successor`` of a series, with details in brackets; ignores its label."""
    chooser = (
        block.strategy
        if block.acquisition == "none"
        else acquirer_name(config, block.acquisition, block.subsampling)
    )
    labeller = [labeller_name(config, block.labeller)] if block.labeller else []
    if block.pseudo_labels != "hard":
        details = (block.pseudo_labels, *details)
    if block.steps == "pool":
        details = ("gold, as many steps as PLASM", *details)
    named = [chooser, *labeller, model_name(config, block.successor)]
    return " > ".join(named) + (f" ({', '.join(details)})" if details else "")


def acquirer_name(config: Config, model: str, subsampling: str) -> str:
    """A model that chooses, and the subsampling rule of its pool: ``model + subsampling``."""
    return model_name(config, model) + ("" if subsampling == "none" else f" + {subsampling}")


def at_points(points: Sequence[int]) -> str:
    """``at point 3``, ``at points 1 and 3``, ``at points 1 to 9``."""
    return f"at {'point' if len(points) == 1 else 'points'} {numbered(points)}"


def numbered(numbers: Sequence[int]) -> str:
    """``3``, ``1 and 3``, ``1 to 9``: ascending numbers."""
    if len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return listed([str(number) for number in numbers])


def size(amount: float, task: Task) -> str:
    """A budget's size in words: a share below 1 as a percentage, a count with its unit."""
    return f"{100 * amount:.4g}%" if amount < 1 else counted(int(amount), UNIT[task])


def listed(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def counted(number: int, noun: str) -> str:
    """``1 fit``, ``2 fits``, ``1,200 fits``."""
    return f"{number:,} {noun}" if number == 1 or noun.endswith("s") else f"{number:,} {noun}s"


def lacking(config: Config, series: str, reference: str) -> str:
    """What a reference lacks besides the strategy, in words; empty if nothing."""
    block = config.series[series]
    if block.learns == config.series[reference].learns:
        return ""
    return "without pseudo-labels" if block.labeller else "without the additional training steps"


def against(config: Config, series: str, reference: str) -> str:
    """What a series is compared with, in words: random labelling, and what the reference lacks besides."""
    return f"{PLAIN} {lacking(config, series, reference)}".strip()
