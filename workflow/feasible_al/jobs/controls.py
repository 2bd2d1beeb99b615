"""Controls for PLASM: its successor on the gold labels alone, for as many optimiser steps as PLASM takes."""

from feasible_al.config import Config
from feasible_al.config.blocks import PseudoLabels, Series


def plasm_of(config: Config, control: Series, dataset: str) -> dict[str, Series]:
    """The PLASM series with the same trajectories on a dataset, by name."""
    return {
        name: block
        for name, block in config.series.items()
        if block.labeller is not None
        and dataset in block.datasets
        and (block.acquisition, block.strategy, block.subsampling)
        == (control.acquisition, control.strategy, control.subsampling)
    }


def paced_by(config: Config, control: Series, dataset: str) -> Series | None:
    """The PLASM series whose pseudo-labels must be counted to know a control's steps.

    None where PLASM learns the whole pool, or where there is none to control for: then its size tells them.
    """
    own = same_successor(control, plasm_of(config, control, dataset))
    if not own or not all(_drops(config, block) for block in own.values()):
        return None
    return next(iter(own.values()))


def same_successor(control: Series, plasm: dict[str, Series]) -> dict[str, Series]:
    """Those of PLASM series that have the control's successor."""
    return {name: block for name, block in plasm.items() if block.successor == control.successor}


def _drops(config: Config, series: Series) -> bool:
    return config.pseudo_labels.get(series.pseudo_labels, PseudoLabels()).drop is not None
