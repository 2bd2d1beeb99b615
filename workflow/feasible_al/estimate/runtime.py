"""Time limits of jobs on a cluster."""

import math
from pathlib import Path

from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.estimate.sizes import sizes_of
from feasible_al.estimate.work import dataset_of, total, work_of
from feasible_al.jobs import Job

UNKNOWN_MINUTES, LEAST_MINUTES, MARGIN = 720, 30, 3
DAY_MINUTES = 1440


def runtime(config: Config, job: Job, run_folder: Path, attempt: int) -> int:
    """Minutes that a job may take: a multiple of its estimate, with more on every attempt.

    Half a day, then a day, where ``engine.device_tflops`` or the dataset's size is not known: few partitions
    grant everybody more. Never more than ``run.max_runtime``.

    Args:
        config: the resolved config.
        job: the job.
        run_folder: ``results/<run>``.
        attempt: from 1.
    """
    asked = _asked(config, job, run_folder, attempt)
    return min(asked, config.run.max_runtime or asked)


def _asked(config: Config, job: Job, run_folder: Path, attempt: int) -> int:
    unknown = min(attempt * UNKNOWN_MINUTES, DAY_MINUTES)
    if config.engine.device_tflops is None:
        return unknown
    try:
        sizes = sizes_of(config, dataset_of(job), run_folder)
        work = total(work_of(config, job, sizes))
    except InputError:  # preparing the dataset comes first, and says what is wrong
        return unknown
    expected = work.seconds(config.engine.device_tflops * 1e12) / 60
    return attempt * max(LEAST_MINUTES, math.ceil(MARGIN * expected))
