"""Controls for PLASM: whether they take the steps of what they control for."""

from collections.abc import Iterator

from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.jobs.checks.base import Problem
from feasible_al.jobs.controls import paced_by, plasm_of, same_successor


def of_controls(config: Config) -> Iterator[Problem]:
    """Controls whose steps would not be those of what they control for."""
    for name, series in config.series.items():
        for dataset in series.datasets if series.steps == "pool" and series.labeller is None else ():
            plasm = plasm_of(config, series, dataset)
            own = same_successor(series, plasm)
            if plasm and not own:
                models = " or ".join(sorted({block.successor for block in plasm.values()}))
                message = (
                    f"steps: pool makes this the control of {', '.join(plasm)} on {dataset}, and a control "
                    f"has the same successor: say {models} instead of {series.successor}"
                )
                yield ("series", name, "successor"), InputError(message)
            ways = {(block.labeller, block.pseudo_labels) for block in own.values()}
            if len(ways) > 1 and paced_by(config, series, dataset):
                message = (
                    f"this is the control of {', '.join(own)} on {dataset}, which drop parts of the pool in "
                    f"{len(ways)} ways and so take different numbers of steps: keep one of them, or add one "
                    "that drops nothing"
                )
                yield ("series", name, "steps"), InputError(message)
