"""What a series is measured against, in words."""

from feasible_al.config.schema import Config

PLAIN = "random labelling"


def lacking(config: Config, series: str, reference: str) -> str:
    """What a reference does without beside the strategy, in words; empty when it is nothing."""
    block = config.series[series]
    if block.learns == config.series[reference].learns:
        return ""
    return "without pseudo-labels" if block.labeller else "without the additional training steps"


def against(config: Config, series: str, reference: str) -> str:
    """What a series is compared with, in words: random labelling, and what else the reference lacks."""
    return f"{PLAIN} {lacking(config, series, reference)}".strip()
