"""Which series another one is measured against."""

from feasible_al.config.blocks import Series
from feasible_al.config.schema import Config

PLAIN = "random labelling"


def reference_of(config: Config, dataset: str, series: str, strategy: str = "random") -> str | None:
    """The series of ``strategy`` with the same successor and labels on the dataset, or with gold alone.

    None for such a series itself, and where there is none.
    """
    block = config.series[series]
    if block.strategy == strategy:
        return None
    for labels in (_labels(block), (None, "hard", "own")):
        for name, other in config.series.items():
            alike = other.successor == block.successor and _labels(other) == labels
            if other.strategy == strategy and alike and dataset in other.datasets:
                return name
    return None


def _labels(block: Series) -> tuple[str | None, str, str]:
    """What a series' successor learns from, and for how long."""
    return block.labeller, block.pseudo_labels, block.steps


def lacking(config: Config, series: str, reference: str) -> str:
    """What a reference does without beside the strategy, in words; empty when it is nothing."""
    block = config.series[series]
    if _labels(block) == _labels(config.series[reference]):
        return ""
    return "without pseudo-labels" if block.labeller else "without the additional training steps"


def against(config: Config, series: str, reference: str) -> str:
    """What a series is compared with, in words: random labelling, and what else the reference lacks."""
    return f"{PLAIN} {lacking(config, series, reference)}".strip()
