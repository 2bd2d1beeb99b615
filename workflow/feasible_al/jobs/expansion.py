"""The jobs of a resolved config, each once, and which jobs need which."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from feasible_al.config.blocks import PseudoLabels, Series
from feasible_al.config.schema import Config
from feasible_al.jobs.fits import Acquire, Full, Successor, options_of
from feasible_al.jobs.imported import ImportLabels
from feasible_al.jobs.job import Job
from feasible_al.jobs.prepared import Distill, Encode, Prepare, distilled_of, encode_of


@dataclass(frozen=True)
class Jobs:
    """All jobs of a run, each once, sorted; a successor has a job for each range of its points."""

    prepare: tuple[Prepare, ...]
    distill: tuple[Distill, ...]
    encode: tuple[Encode, ...]
    labels: tuple[ImportLabels, ...]
    acquire: tuple[Acquire, ...]
    successor: tuple[Successor, ...]
    full: tuple[Full, ...]

    def __iter__(self) -> Iterator[Job]:
        before = (*self.prepare, *self.distill, *self.encode, *self.labels)
        return iter((*before, *self.acquire, *self.successor, *self.full))


def trajectory_of(config: Config, series: str, dataset: str, seed: int) -> Acquire:
    """The job that chooses the instances of a series."""
    block = config.series[series]
    return Acquire(dataset, block.acquisition, block.strategy, block.subsampling, seed)


def curve_of(config: Config, series: str, dataset: str, seed: int) -> Acquire | Successor:
    """The job whose metrics are a series' curve: the acquisition if its model is the successor too."""
    block = config.series[series]
    trajectory = trajectory_of(config, series, dataset, seed)
    if block.successor == block.acquisition and block.labeller is None and block.steps == "own":
        return trajectory
    points = block.points or tuple(range(config.datasets[dataset].budget.iterations + 1))
    control = block.labeller is None and block.steps == "pool"
    taught = plasm_that_sets_steps(config, block, dataset) if control else block
    if taught is None or taught.labeller is None:
        return Successor(trajectory, block.successor, None, block.steps, points)
    return Successor(
        trajectory, block.successor, taught.labeller, taught.pseudo_labels, points, control=control
    )


@dataclass
class _Asked:
    """A fit that some series asks for, at which points, and at which it labels the rest of the pool."""

    job: Acquire | Successor
    points: set[int] = field(default_factory=set)
    predicted: set[int] = field(default_factory=set)
    soft: bool = False


def jobs_of(config: Config) -> Jobs:
    """All jobs that a resolved config asks for.

    A narrowed config has fewer jobs and points. Those that it has label what the whole config asks them for,
    so that the whole run need not repeat them.
    """
    prepare, models, full = set(), set(), set()
    for name, dataset in config.curves_run():
        series = config.series[name]
        prepare.add(Prepare(dataset))
        models |= {(dataset, series.acquisition), (dataset, series.successor)}
        models |= {(dataset, series.labeller)} if series.labeller else set()
    for name in {job.dataset for job in prepare}:
        block = config.datasets[name].full
        for model in block.models if block else ():
            full |= {Full(name, model, seed) for seed in config.seeds[: block.seeds if block else 0]}
            models.add((name, model))
    acquire, successor = [], []
    asked = _asked(config)
    whole = asked if config.whole is config else _asked(config.whole)
    for folder, fit in asked.items():
        job, predicted, soft = fit.job, whole[folder].predicted, whole[folder].soft
        if isinstance(job, Acquire):
            acquire.append(replace(job, predicted=tuple(sorted(predicted)), soft=soft))
        else:
            at, predicted = tuple(sorted(fit.points)), predicted & fit.points
            successor.append(replace(job, points=at, predicted=tuple(sorted(predicted)), soft=soft))
    labels = {
        labelling
        for fit in asked.values()
        if isinstance(fit.job, Successor) and isinstance(labelling := fit.job.labelling(config), ImportLabels)
    }
    models = {pair for pair in models if pair[1] in config.models}
    distill = {Distill(*pair) for pair in models if distilled_of(config.models[pair[1]])}
    encode = {states for pair in models if (states := encode_of(config, *pair))}
    successor.sort(key=lambda job: str(job.folder))
    return Jobs(
        tuple(sorted(prepare)),
        tuple(sorted(distill)),
        tuple(sorted(encode)),
        tuple(sorted(labels)),
        tuple(sorted(acquire)),
        tuple(part for job in successor for part in job.ranges(config.run.points_per_job)),
        tuple(sorted(full)),
    )


def _asked(config: Config) -> dict[Path, _Asked]:
    """The trajectories and successors that the series of a config ask for, by folder."""
    found: dict[Path, _Asked] = {}

    def ask(job: Acquire | Successor, at: Iterable[int] = ()) -> _Asked:
        fit = found.setdefault(job.folder, _Asked(job))
        fit.points.update(at)
        return fit

    for name, dataset in config.curves_run():
        for seed in config.seeds_of(name):
            curve = curve_of(config, name, dataset, seed)
            ask(curve.trajectory)
            ask(curve, curve.points)
            if not isinstance(curve, Successor):
                continue
            labelling = curve.labelling(config)
            if isinstance(labelling, Acquire | Successor):
                fit = ask(labelling, curve.points)
                fit.predicted.update(curve.points)
                fit.soft = fit.soft or options_of(config, curve).soft
    return found


def with_dependencies(config: Config, jobs: Jobs, wanted: Iterable[Job]) -> list[Job]:
    """Jobs and all jobs that they need, in the workflow's order.

    Args:
        config: the resolved config.
        jobs: all jobs of the config.
        wanted: the jobs that are asked for.
    """
    makers, found, left = makers_of(jobs), set(), list(wanted)
    while left:
        job = left.pop()
        if job not in found:
            found.add(job)
            left += dependencies_of(config, job, makers)
    return [job for job in jobs if job in found]


def makers_of(jobs: Iterable[Job]) -> dict[Path, Job]:
    """The job that writes each file, by the file's path below the run's folder."""
    return {job.folder / file: job for job in jobs for file in job.outputs}


def dependencies_of(config: Config, job: Job, makers: Mapping[Path, Job]) -> list[Job]:
    """The jobs whose files a job reads, each once."""
    return list(dict.fromkeys(makers[path] for path in job.inputs(config)))


def plasm_of(config: Config, control: Series, dataset: str) -> dict[str, Series]:
    """The PLASM series with a control's trajectories on a dataset, by name.

    A control for PLASM is its successor on gold labels alone, for as many optimiser steps as PLASM takes.
    """
    return {
        name: block
        for name, block in config.whole.series.items()
        if block.labeller is not None
        and dataset in block.datasets
        and (block.acquisition, block.strategy, block.subsampling)
        == (control.acquisition, control.strategy, control.subsampling)
    }


def with_same_successor(control: Series, plasm: dict[str, Series]) -> dict[str, Series]:
    """The PLASM series that have the control's successor."""
    return {name: block for name, block in plasm.items() if block.successor == control.successor}


def plasm_that_sets_steps(config: Config, control: Series, dataset: str) -> Series | None:
    """The PLASM series whose pseudo-labels must be counted to know the number of steps of a control.

    None if there is no such series, or if PLASM learns from the whole pool: then the pool's size is enough.
    """
    own = with_same_successor(control, plasm_of(config, control, dataset))
    if not own or not all(_may_leave_out(config, block) for block in own.values()):
        return None
    return next(iter(own.values()))


def _may_leave_out(config: Config, series: Series) -> bool:
    """Whether a PLASM series may learn from a part of the pool alone."""
    drops = config.pseudo_labels.get(series.pseudo_labels, PseudoLabels()).drop is not None
    return drops or series.labeller in config.imported_labellers
