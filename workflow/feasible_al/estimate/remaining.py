"""What is left of a run, step by step, for whoever watches it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from feasible_al.config import Config
from feasible_al.estimate.sizes import sizes_of
from feasible_al.estimate.work import dataset_of, work_of
from feasible_al.jobs import Job, jobs_of
from feasible_al.results.reuse import has, taken_over


@dataclass(frozen=True)
class Estimate:
    """What remains to be done.

    Attributes:
        steps: expected seconds of every step of every unfinished job, by the job's name.
        fits: models to be fitted.
    """

    steps: dict[str, list[float]]
    fits: int

    @property
    def seconds(self) -> float:
        """All of it."""
        return sum(sum(steps) for steps in self.steps.values())


def remaining(config: Config, run_folder: Path, rate: float, wanted: Iterable[Job] | None = None) -> Estimate:
    """Expected times of the jobs that load a model and have no results yet, here or in a run reused.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        rate: of the device, in operations a second.
        wanted: the jobs that are asked for; all when None.

    Raises:
        InputError: if the size of a dataset is not known, or a budget does not fit it.
    """
    jobs = list(jobs_of(config) if wanted is None else wanted)
    sizes = {name: sizes_of(config, name, run_folder) for name in dict.fromkeys(map(dataset_of, jobs))}
    reused = taken_over(config, run_folder)
    steps: dict[str, list[float]] = {}
    fits = 0
    for job in jobs:
        if job.name in reused:
            continue
        works = work_of(config, job, sizes[dataset_of(job)])
        if works[0].starts and not has(config, job, run_folder):
            steps[job.name] = [work.seconds(rate) for work in works]
            fits += sum(work.fits for work in works)
    return Estimate(steps, fits)
