"""What datasets, models, series and metrics are called in figures, tables and the report."""

from typing import Literal

from feasible_al.config.data import Task
from feasible_al.config.schema import Config

METRIC: dict[Task, Literal["accuracy", "f1"]] = {"classification": "accuracy", "tagging": "f1"}
SCORE: dict[Task, str] = {"classification": "test accuracy", "tagging": "test span F1"}
UNIT: dict[Task, Literal["texts", "tokens"]] = {"classification": "texts", "tagging": "tokens"}


def datasets_run(config: Config) -> tuple[str, ...]:
    """The datasets that some series runs on, in config order."""
    return tuple(
        name for name in config.datasets if any(name in series.datasets for series in config.series.values())
    )


def dataset_name(config: Config, dataset: str) -> str:
    """A dataset's label, or its key."""
    return config.datasets[dataset].label or dataset


def model_name(config: Config, model: str) -> str:
    """A model's label, or its key."""
    return config.models[model].label or model


def series_name(config: Config, series: str) -> str:
    """A series' label, or ``acquisition > successor``, with the strategy where a dataset has two such."""
    block = config.series[series]
    if block.label:
        return block.label
    pair = _pair(config, series)
    alike = [
        other
        for other, entry in config.series.items()
        if not entry.label
        and _pair(config, other) == pair
        and not set(entry.datasets).isdisjoint(block.datasets)
    ]
    return f"{pair} ({block.strategy})" if len(alike) > 1 else pair


def _pair(config: Config, series: str) -> str:
    block = config.series[series]
    chooser = block.strategy if block.acquisition == "none" else model_name(config, block.acquisition)
    return f"{chooser} > {model_name(config, block.successor)}"


def listed(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def counted(number: int, noun: str) -> str:
    """``1 fit``, ``2 fits``, ``1,200 fits``."""
    return f"{number:,} {noun}" if number == 1 or noun.endswith("s") else f"{number:,} {noun}s"
