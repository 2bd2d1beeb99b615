"""Stops a job between two steps if its time limit would end it during the next."""

import math
import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeVar

from feasible_al.core.errors import OutOfTime

END = "SLURM_JOB_END_TIME"  # when Slurm will kill the job: whole seconds since the epoch
GROWTH = 1.5  # each step has more labels to learn from than the step before
WRITING = 60.0  # seconds between the last step and the end of the process

Step = TypeVar("Step")


def in_time(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps, as long as the next one will end before the job's time limit; without a limit, all of them.

    The longest step so far says how long the next may take. The first one always starts, so that a job which
    is started again finishes at least one step, however short its time is.

    Raises:
        OutOfTime: between two steps; finished steps are kept, and the same job continues after them.
    """
    end = _end()
    longest = 0.0
    for number, step in enumerate(steps):
        left = end - time.time()
        if number and left < GROWTH * longest + WRITING:
            raise OutOfTime(
                f"stopped before step {step}: {max(0, left):.0f} s are left and a step took {longest:.0f} s; "
                "finished steps are kept, and the same job continues after them when it is started again"
            )
        start = time.monotonic()
        yield step
        longest = max(longest, time.monotonic() - start)


def _end() -> float:
    """When this job must end: seconds since the epoch, infinite without a limit.

    Older versions of Slurm do not set the variable; then squeue is asked.
    """
    limit = os.environ.get(END, "")
    if limit.isdecimal():
        return float(limit)
    job, squeue = os.environ.get("SLURM_JOB_ID"), shutil.which("squeue")
    if not job or not squeue:
        return math.inf
    command = [squeue, "--noheader", "--format=%e", f"--jobs={job}"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    try:
        return datetime.fromisoformat(answer.stdout.strip()).timestamp()
    except ValueError:  # it has no limit, or Slurm did not answer
        return math.inf
