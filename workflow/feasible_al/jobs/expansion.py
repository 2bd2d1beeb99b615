"""From a resolved config to its jobs, each once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from feasible_al.config.schema import Config
from feasible_al.jobs.controls import paced_by
from feasible_al.jobs.fits import Full, Job, Successor, Trajectory, options_of
from feasible_al.jobs.prepared import Distill, Prepare
from feasible_al.jobs.settings import distilled_of


@dataclass(frozen=True)
class Jobs:
    """All jobs of a run, each once, sorted; a successor's are its blocks."""

    prepare: tuple[Prepare, ...]
    students: tuple[Distill, ...]
    trajectories: tuple[Trajectory, ...]
    successors: tuple[Successor, ...]
    full: tuple[Full, ...]

    def __iter__(self) -> Iterator[Job]:
        return iter((*self.prepare, *self.students, *self.trajectories, *self.successors, *self.full))


def curve_of(config: Config, series: str, dataset: str, seed: int) -> Trajectory | Successor:
    """The job whose metrics are a series' curve: the acquisition itself where it is its own successor."""
    block = config.series[series]
    trajectory = Trajectory(dataset, block.acquisition, block.strategy, block.subsampling, seed)
    if block.successor == block.acquisition and block.labeller is None and block.steps == "own":
        return trajectory
    points = block.points or tuple(range(config.datasets[dataset].budget.iterations + 1))
    control = block.labeller is None and block.steps == "pool"
    taught = paced_by(config, block, dataset) if control else block
    if taught is None or taught.labeller is None:
        return Successor(trajectory, block.successor, None, block.steps, points)
    return Successor(
        trajectory, block.successor, taught.labeller, taught.pseudo_labels, points, control=control
    )


def jobs_of(config: Config) -> Jobs:
    """Everything that a resolved config asks for."""
    prepare, models, full = set(), set(), set()
    points: dict[Path, set[int]] = {}
    predicted: dict[Path, set[int]] = {}
    soft: set[Path] = set()
    fitted: dict[Path, Trajectory | Successor] = {}

    def ask(job: Trajectory | Successor, at: Iterable[int] = (), labelled: Iterable[int] = ()) -> None:
        folder = job.folder
        fitted.setdefault(folder, job)
        points.setdefault(folder, set()).update(at)
        predicted.setdefault(folder, set()).update(labelled)

    for name, dataset in config.curves_run():
        series = config.series[name]
        prepare.add(Prepare(dataset))
        for seed in config.seeds:
            curve = curve_of(config, name, dataset, seed)
            trajectory = curve.trajectory if isinstance(curve, Successor) else curve
            ask(trajectory)
            if isinstance(curve, Successor):
                ask(curve, curve.points)
                if curve.labelling is not None:
                    ask(curve.labelling, curve.points, curve.points)
                    if options_of(config, curve).soft:
                        soft.add(curve.labelling.folder)
            models |= {(dataset, trajectory.acquisition), (dataset, series.successor)}
            models |= {(dataset, series.labeller)} if series.labeller else set()
    for name in {job.dataset for job in prepare}:
        block = config.datasets[name].full
        for model in block.models if block else ():
            full |= {Full(name, model, seed) for seed in config.seeds[: block.seeds if block else 0]}
            models.add((name, model))
    trajectories, successors = [], []
    for folder, job in fitted.items():
        asked = tuple(sorted(predicted[folder]))
        if isinstance(job, Trajectory):
            trajectories.append(replace(job, predicted=asked, soft=folder in soft))
        else:
            at = tuple(sorted(points[folder]))
            successors.append(replace(job, points=at, predicted=asked, soft=folder in soft))
    models = {pair for pair in models if pair[1] != "none"}
    students = {Distill(*pair) for pair in models if distilled_of(config.models[pair[1]])}
    successors.sort(key=lambda job: str(job.folder))
    return Jobs(
        tuple(sorted(prepare)),
        tuple(sorted(students)),
        tuple(sorted(trajectories)),
        tuple(part for job in successors for part in job.blocks(config.run.block)),
        tuple(sorted(full)),
    )
