"""The time that jobs take: what is left of a run, and limits on a cluster."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.estimate.rates import Speed
from feasible_al.estimate.sizes import sizes_of
from feasible_al.estimate.work import total, work_of
from feasible_al.jobs import Job, jobs_of
from feasible_al.results.kept import left_of
from feasible_al.results.reuse import has_results, jobs_to_reuse

UNKNOWN_MINUTES, LEAST_MINUTES, MARGIN = 720, 30, 3
DAY_MINUTES = 1440


@dataclass(frozen=True)
class Estimate:
    """The work that is left.

    Attributes:
        steps: expected seconds of every step of every unfinished job, by the job's name.
        fits: the number of models to fit.
    """

    steps: dict[str, list[float]]
    fits: int

    @property
    def seconds(self) -> float:
        """Expected seconds of all steps."""
        return sum(sum(steps) for steps in self.steps.values())


def remaining(
    config: Config, run_folder: Path, speed: Speed, wanted: Iterable[Job] | None = None
) -> Estimate:
    """Expected times of the jobs that load a model and have no results yet, neither here nor in a reused run.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        speed: of the device.
        wanted: the jobs to count; all when None.

    Raises:
        InputError: if the size of a dataset is not known, or a budget does not fit it.
    """
    jobs = list(jobs_of(config) if wanted is None else wanted)
    sizes = {name: sizes_of(config, name, run_folder) for name in dict.fromkeys(job.dataset for job in jobs)}
    reused = jobs_to_reuse(config, run_folder)
    steps: dict[str, list[float]] = {}
    fits = 0
    for job in jobs:
        if job.name in reused or has_results(config, job, run_folder):
            continue
        left = left_of(config, job, run_folder)
        works = work_of(config, left, sizes[job.dataset]) if left.outputs else []
        if works and works[0].starts:
            steps[job.name] = [work.seconds(speed) for work in works]
            fits += sum(work.fits for work in works)
    return Estimate(steps, fits)


def runtime(config: Config, jobs: Sequence[Job], run_folder: Path, attempt: int) -> int:
    """Minutes that jobs in one process may take: a multiple of their estimate, with more on every attempt.

    Without ``engine.device_tflops`` or the dataset's size, half a day, then a day, because few partitions
    allow more. Never more than ``run.max_runtime``.

    Args:
        config: the resolved config.
        jobs: the jobs, of one dataset.
        run_folder: ``results/<run>``.
        attempt: the number of the attempt, from 1.
    """
    limit = _limit(config, jobs, run_folder, attempt)
    return min(limit, config.run.max_runtime or limit)


def _limit(config: Config, jobs: Sequence[Job], run_folder: Path, attempt: int) -> int:
    unknown = min(attempt * UNKNOWN_MINUTES, DAY_MINUTES)
    if config.engine.device_tflops is None:
        return unknown
    try:
        sizes = sizes_of(config, jobs[0].dataset, run_folder)
        work = total(work for job in jobs for work in work_of(config, job, sizes))
    except InputError:  # the job that prepares the dataset runs first and reports it
        return unknown
    expected = work.seconds(Speed.assumed(config.engine.device_tflops * 1e12)) / 60
    return attempt * max(LEAST_MINUTES, math.ceil(MARGIN * expected))
