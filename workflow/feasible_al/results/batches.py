"""``run.seeds_per_job``: jobs that differ in their seed alone run one after the other in one process.

A batch is known by its last job. Which jobs are batched is decided when a run is planned, from those that are
not finished yet, and written down: all processes of a run must agree on it.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from feasible_al.config import Config
from feasible_al.core.io import read_json, write_json
from feasible_al.jobs import Job, Jobs, Successor, dependencies_of, makers_of
from feasible_al.results.integrity import state_folder
from feasible_al.results.state import FAILURE_NOTE

FILE = "batches.json"

Batch = tuple[Job, ...]
"""Two jobs or more, by seed."""

AnyJob = TypeVar("AnyJob", bound=Job)


def batches_of(
    config: Config, jobs: Jobs, run_folder: Path, again: Container[str], reused: Container[str]
) -> list[Batch]:
    """The batches of the jobs that are to be run.

    A job that failed at the last start is in no batch, nor is what needs it: nothing else is lost with them.

    Args:
        config: the resolved config.
        jobs: all jobs of the config.
        run_folder: ``results/<run>``.
        again: the names of finished jobs that run again.
        reused: the names of jobs that are taken over from an earlier run.
    """
    size = config.run.seeds_per_job or 1
    if size == 1:
        return []
    makers = makers_of(jobs)

    @cache
    def failed(job: Job) -> bool:
        """Whether a job of one seed failed, or one that it needs."""
        if job.seed is None:
            return False
        note = state_folder(config, job, run_folder) / FAILURE_NOTE
        return note.exists() or any(map(failed, dependencies_of(config, job, makers)))

    groups: dict[Job, list[Job]] = {}
    for job in jobs:
        if job.seed is None or job.name in reused:
            continue
        if (job.name in again or not (run_folder / job.record).exists()) and not failed(job):
            groups.setdefault(with_seed(job, 0), []).append(job)
    return [batch for group in groups.values() for batch in _cut(group, size) if len(batch) > 1]


def with_seed(job: AnyJob, seed: int) -> AnyJob:
    """The same job with another seed, for a job that has one."""
    if isinstance(job, Successor):
        return replace(job, trajectory=with_seed(job.trajectory, seed))
    return replace(job, seed=seed)  # type: ignore[type-var]  # all others are dataclasses with this field


def write_batches(run_folder: Path, batches: Iterable[Batch]) -> None:
    """Write the batches of a run's last start to its folder."""
    names = [[job.name for job in batch] for batch in batches]
    if names or (run_folder / FILE).exists():
        write_json(run_folder / FILE, names)


def read_batches(jobs: Iterable[Job], run_folder: Path) -> list[Batch]:
    """The batches of a run when it was last started, of those jobs that the config still has."""
    path, known = run_folder / FILE, {job.name: job for job in jobs}
    names = read_json(path) if path.exists() else []
    return [tuple(known[name] for name in batch if name in known) for batch in names if batch[-1] in known]


def _cut(group: Sequence[Job], size: int) -> Iterator[Batch]:
    by_seed = sorted(group, key=lambda job: job.seed or 0)
    for start in range(0, len(by_seed), size):
        yield tuple(by_seed[start : start + size])
