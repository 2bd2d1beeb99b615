"""Points of a successor that are finished when its job starts again for others: they are kept.

Points are added when a narrowed run becomes a whole one. The workflow deletes the files of a job's last point
before it starts the job, so finished points are copied to the job's state first.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import whole
from feasible_al.jobs import MANIFEST, Job, Successor, dependencies_of, makers_of
from feasible_al.results.integrity import result_at, state_folder, verify
from feasible_al.results.reuse import has_results


def keep_points(config: Config, jobs: Iterable[Job], run_folder: Path) -> None:
    """Copy the finished points of successors that are begun, or need such a successor, to their states.

    A job that has fitted something since keeps what was copied before. A damaged point is not copied.

    Args:
        config: the resolved config, with digests.
        jobs: all jobs of the config.
        run_folder: ``results/<run>``.
    """
    every = list(jobs)
    makers = makers_of(every)
    begun = {job for job in every if isinstance(job, Successor) and _is_begun(config, job, run_folder)}
    for job in every:
        if not isinstance(job, Successor) or _has_steps(config, job, run_folder):
            continue
        if job in begun or begun.intersection(dependencies_of(config, job, makers)):
            for point in job.points:
                if _is_finished(config, job, run_folder, point):
                    _copy(run_folder / result_at(job, point).folder, _place(config, job, run_folder, point))


def kept_points(config: Config, job: Successor, run_folder: Path) -> tuple[int, ...]:
    """The points that :func:`keep_points` kept for a job."""
    places = {point: _place(config, job, run_folder, point) for point in job.points}
    return tuple(point for point, place in places.items() if (place / MANIFEST).exists())


def left_of(config: Config, job: Job, run_folder: Path) -> Job:
    """A job without those of its points that are finished or kept; other jobs as they are."""
    if not isinstance(job, Successor):
        return job
    done = {*kept_points(config, job, run_folder)}
    if not _has_steps(config, job, run_folder):
        done |= {p for p in job.points if has_results(config, job.at((p,)), run_folder)}
    return job.at(tuple(p for p in job.points if p not in done), job.point_range)


def restore_points(config: Config, job: Successor, run_folder: Path) -> None:
    """Put kept points back whose files the workflow has deleted; the record last."""
    for point in kept_points(config, job, run_folder):
        folder = run_folder / result_at(job, point).folder
        if not (folder / MANIFEST).exists():
            _copy(_place(config, job, run_folder, point), folder)


def _is_begun(config: Config, job: Successor, run_folder: Path) -> bool:
    """Whether some of its points have results and others have none."""
    there = [has_results(config, job.at((point,)), run_folder) for point in job.points]
    return any(there) and not all(there)


def _has_steps(config: Config, job: Successor, run_folder: Path) -> bool:
    """Whether its state has fits, which are numbered without the points that were kept then."""
    return any(state_folder(config, job, run_folder).glob("step*"))


def _is_finished(config: Config, job: Successor, run_folder: Path, point: int) -> bool:
    if not has_results(config, job.at((point,)), run_folder):
        return False
    try:
        verify(config, result_at(job, point), run_folder)
    except InputError:  # it is fitted again
        return False
    return True


def _place(config: Config, job: Successor, run_folder: Path, point: int) -> Path:
    return state_folder(config, job, run_folder) / f"point{point}"


def _copy(folder: Path, to: Path) -> None:
    """Copy the files of a finished point; its record, which vouches for them, last."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name == MANIFEST):
        with whole(to / path.name) as temporary:
            shutil.copyfile(path, temporary)
