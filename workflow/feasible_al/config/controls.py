"""Controls for PLASM: its successor on the gold labels alone, for as many optimiser steps as PLASM takes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from feasible_al.config.blocks import PseudoLabels, Series
from feasible_al.core.errors import InputError

if TYPE_CHECKING:  # the config's module imports this one
    from feasible_al.config.schema import Config

Key = tuple[Any, ...]


def plasm_of(config: "Config", control: Series, dataset: str) -> dict[str, Series]:
    """The PLASM series with the same trajectories on a dataset, by name."""
    return {
        name: block
        for name, block in config.series.items()
        if block.labeller is not None
        and dataset in block.datasets
        and (block.acquisition, block.strategy, block.subsampling)
        == (control.acquisition, control.strategy, control.subsampling)
    }


def paced_by(config: "Config", control: Series, dataset: str) -> Series | None:
    """The PLASM series whose pseudo-labels must be counted to know a control's steps.

    None where PLASM learns the whole pool, or where there is none to control for: then its size tells them.
    """
    own = _own(control, plasm_of(config, control, dataset))
    if not own or not all(_drops(config, block) for block in own.values()):
        return None
    return next(iter(own.values()))


def of_controls(config: "Config") -> Iterator[tuple[Key, InputError]]:
    """Controls whose steps would not be those of what they control for; see ``schema.problems``."""
    for name, series in config.series.items():
        for dataset in series.datasets if series.steps == "pool" and series.labeller is None else ():
            plasm = plasm_of(config, series, dataset)
            own = _own(series, plasm)
            if plasm and not own:
                models = " or ".join(sorted({block.successor for block in plasm.values()}))
                message = (
                    f"{series.successor} would not take the steps of what this controls for on {dataset} "
                    f"({', '.join(plasm)}), which has another successor: name {models}"
                )
                yield ("series", name, "successor"), InputError(message)
            ways = {(block.labeller, block.pseudo_labels) for block in own.values()}
            if len(ways) > 1 and paced_by(config, series, dataset):
                message = (
                    f"what this controls for on {dataset} ({', '.join(own)}) drops parts of the pool in "
                    f"{len(ways)} ways, each with steps of its own: leave one, or add one that drops nothing"
                )
                yield ("series", name, "steps"), InputError(message)


def _own(control: Series, plasm: dict[str, Series]) -> dict[str, Series]:
    return {name: block for name, block in plasm.items() if block.successor == control.successor}


def _drops(config: "Config", series: Series) -> bool:
    return config.pseudo_labels.get(series.pseudo_labels, PseudoLabels()).drop is not None
