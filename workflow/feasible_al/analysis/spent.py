"""What stands behind a figure: the device hours of all fits that it needs, and the energy of their GPUs."""

from collections.abc import Mapping
from typing import get_args

import pandas as pd

from feasible_al.config.schema import Config
from feasible_al.jobs.targets import jobs_for_targets
from feasible_al.results.rows import Fitted, identity

Key = tuple[object, ...]
"""The columns of the table of times that name a job; all ranges of points of a successor are one."""
KEYS = ["dataset", "stage", "acquisition", "strategy", "subsampling", "labeller", "successor", "seed"]
HOUR, KILOWATT_HOUR = 3600, 3.6e6  # seconds, joules


def key_of(job: Fitted) -> Key:
    """The columns that name a job."""
    columns = identity(job)
    return tuple(columns[name] for name in KEYS)


def seconds_by_job(timings: pd.DataFrame) -> dict[Key, float]:
    """Device seconds of each job, from rows as in ``tables/timings.csv``."""
    sums = timings.groupby(KEYS)["seconds"].sum()
    return dict(zip(sums.index, sums.tolist(), strict=True))


def spent_on(config: Config, figure: str, seconds: Mapping[Key, float], joules: Mapping[Key, float]) -> str:
    """Device hours and energy behind a figure, in a sentence; empty if nothing was timed.

    Jobs that several figures share count for each of them; so do jobs that were taken over from earlier runs,
    and all points of a successor, also where the figure shows some of them.

    Args:
        config: the resolved config.
        figure: its name.
        seconds: of device time, by job.
        joules: used by GPUs, by job; only where that is known.
    """
    jobs = jobs_for_targets(config, [figure])
    keys = {key_of(job) for job in jobs if isinstance(job, get_args(Fitted))} & seconds.keys()
    if not keys:
        return ""
    hours = f"Device time of the fits behind it: {sum(seconds[key] for key in keys) / HOUR:,.2f} h"
    known = keys & joules.keys()
    if not known:
        return f"{hours}."
    part = "" if known == keys else f" (known for {len(known):,} of {len(keys):,} jobs)"
    return (
        f"{hours}; energy of whole GPUs: {sum(joules[key] for key in known) / KILOWATT_HOUR:,.2f} kWh{part}."
    )
