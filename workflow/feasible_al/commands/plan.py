"""``feasible-al plan``: what a run computes, how long that takes, and which effects its verdicts detect."""

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich import box, filesize
from rich.console import Console
from rich.table import Table

from feasible_al.analysis.narrowed import narrowing
from feasible_al.analysis.statistics import FEWEST
from feasible_al.commands.narrow import Part, load_part
from feasible_al.core.errors import InputError
from feasible_al.estimate.plan import Plan, plan
from feasible_al.estimate.power import EFFECTS, Family, planned
from feasible_al.estimate.rates import Speed
from feasible_al.estimate.work import Work
from feasible_al.jobs.targets import jobs_for_targets

HEADS = ("jobs", "fits", "training steps", "instances scored or labelled", "PFLOP", "device hours")
WIDTH = 100  # characters, when the output is not a terminal

Row = list[float | None]


def print_plan(configs: Sequence[Path], part: Part, tflops: float | None, calibrate: bool) -> None:
    """Print the plan of a config, and the power of its verdicts; its data need not be prepared.

    Args:
        configs: config files; later ones override earlier ones.
        part: the seeds, points, figures and tables that are planned.
        tflops: the device's rate in 10^12 operations per second; the config's when None.
        calibrate: whether to measure this machine's device instead.

    Raises:
        InputError: if the config is bad, a target shows no series, the size of a dataset is not known, or a
            budget does not fit it.
    """
    config, targets = load_part("plan", configs, part)
    jobs_for_targets(config, targets)
    if targets != ["all"]:
        raise InputError(
            f"{' and '.join(targets)}: not all of these show series, so there is no plan", "--target"
        )
    found = plan(config, Path("results", config.run.name))
    tflops = tflops or config.engine.device_tflops
    speed = None if tflops is None else Speed.assumed(tflops * 1e12)
    if calibrate:
        from feasible_al.core.machine import usable
        from feasible_al.estimate.speed import calibrated_speed_of

        speed = calibrated_speed_of(config.engine, usable())
    if said := narrowing(config):
        print(said)
    show(config.run.name, found, speed)
    show_power(len(config.seeds), planned(config))


def show(name: str, found: Plan, speed: Speed | None) -> None:
    """Print the work by stage and dataset, the work saved by sharing jobs, and the disk space needed.

    Args:
        name: the name of the run.
        found: its plan.
        speed: of the device; without it, no hours are shown.
    """
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    together, alone = _row(found.together, speed), _row(found.alone, speed)
    console.print(_table(name, _rows(found.stages, speed) | {"total": together}))
    console.print(_table("by dataset", _rows(found.datasets, speed)))
    saved: Row = [None if a is None or b is None else a - b for a, b in zip(alone, together, strict=True)]
    sharing = {"each series by itself": alone, "together": together, "saved": saved}
    table = _table("work saved by sharing jobs", sharing)
    table.add_row("", *(_share(part, whole) for part, whole in zip(saved, alone, strict=True)))
    console.print(table)
    if found.reused.jobs:
        jobs, fits = found.reused.jobs, found.reused.fits
        console.print(f"{jobs} jobs with {fits} fits are taken over from earlier runs.", highlight=False)
    kinds = ", ".join(f"{kind} {filesize.decimal(size)}" for kind, size in found.disk.items())
    needed = filesize.decimal(sum(found.disk.values()))
    console.print(
        f"Disk: about {needed} ({kinds}), from the rows of each file and the usual bytes per row. Most files "
        "count twice, because a job's state keeps a copy during the run. The Hub's copies of datasets are "
        "not included.",
        highlight=False,
    )
    console.print(_hours(speed), highlight=False)


def _hours(speed: Speed | None) -> str:
    """What the hours are for, or how to have some."""
    if speed is None:
        return (
            "Hours need the device's rate in large matrix products: --device-tflops X, engine.device_tflops "
            "in the config, or --calibrate on the device itself."
        )
    return (
        f"Hours are for a device that does {speed.rate / 1e12:.3g} TFLOP/s in large matrix products, "
        f"{speed.float32_rate / 1e12:.3g} in float32. Training reaches {speed.training_share:.0%} of that "
        f"and prediction {speed.prediction_share:.0%}; a step takes {1000 * speed.step_seconds:.2g} ms "
        f"besides, of a head {1000 * speed.small_step_seconds:.2g} ms."
    )


def show_power(seeds: int, families: Sequence[Family]) -> None:
    """Print the power of the verdicts with so many seeds, and the seeds needed for a power of 80%."""
    if not families:
        return
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    table = Table(
        title=f"power of the verdicts with {seeds} seeds", title_justify="left", box=box.SIMPLE_HEAD
    )
    table.add_column("family")
    for head in ("tests", *(f"effect of {effect:g} SD" for effect in EFFECTS)):
        table.add_column(head, justify="right")
    table.add_column("seeds for 80%", justify="right")
    for family in families:
        found = [f"{power:.0%}" for power in family.power] or ["-"] * len(EFFECTS)
        needed = " / ".join("over 1,000" if math.isinf(count) else str(count) for count in family.seeds)
        table.add_row(family.name, str(family.tests), *found, needed)
    console.print(table)
    if seeds < FEWEST:
        console.print(
            f"There will be no verdicts, only numbers: a verdict takes {FEWEST} seeds.", highlight=False
        )
    console.print(
        "Each cell: the probability that a paired t test finds an effect of this size at a level of 5% "
        "divided by the number of tests (the first step of Holm's correction), by the noncentral t "
        "distribution. It is a little higher if the family has other effects. SD: standard deviation of the "
        "paired differences between seeds, which is known only after a run. For a claim that two scores are "
        "equal, the effect is their distance from the margin. Seeds for 80%: for each of the two effects.",
        highlight=False,
    )


def _row(work: Work, speed: Speed | None) -> Row:
    hours = None if speed is None else work.seconds(speed) / 3600
    return [work.jobs, work.fits, work.steps, work.scored, work.operations / 1e15, hours]


def _rows(works: Mapping[str, Work], speed: Speed | None) -> dict[str, Row]:
    return {name: _row(work, speed) for name, work in works.items()}


def _table(title: str, rows: Mapping[str, Row]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for head in HEADS:
        table.add_column(head, justify="right")
    for name, row in rows.items():
        table.add_row(name, *map(_number, row))
    return table


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if isinstance(value, int) or value >= 100 else f"{value:.3g}"


def _share(part: float | None, whole: float | None) -> str:
    return f"{part / whole:.0%}" if part is not None and whole else "-"
