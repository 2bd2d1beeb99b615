"""Stopping between two steps, before a job's time limit would cut it off inside one."""

import math
import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from datetime import datetime

from feasible_al.core.errors import OutOfTime

END = "SLURM_JOB_END_TIME"  # when Slurm will kill the job: seconds since the epoch, whole ones
GROWTH = 1.5  # a step has more labels to learn from than the one before
WRITING = 60.0  # seconds between the last step and the end of the process


def in_time(steps: Iterable[int]) -> Iterator[int]:
    """The steps, as long as the next will end before the job must; without a time limit all of them.

    The longest step so far says how long the next may take. The first one is always begun: a job that is
    started again gets on by a step at least, however short its time is.

    Raises:
        OutOfTime: between two steps; what is done is kept, and the same job goes on from there.
    """
    end = _end()
    longest = 0.0
    for number, step in enumerate(steps):
        left = end - time.time()
        if number and left < GROWTH * longest + WRITING:
            raise OutOfTime(
                f"stopped before step {step}: {max(0, left):.0f} s are left and a step took {longest:.0f} s; "
                "what is done is kept, and the same job goes on from there when it is started again"
            )
        begun = time.monotonic()
        yield step
        longest = max(longest, time.monotonic() - begun)


def _end() -> float:
    """When this job must end: seconds since the epoch, infinite without a limit.

    Slurm is asked where the environment of the step does not say it, as in its older versions.
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
