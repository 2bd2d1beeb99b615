"""Run one job of the workflow, or take it over from an earlier run."""

from pathlib import Path

from feasible_al.config import Config
from feasible_al.core.errors import unknown_name
from feasible_al.jobs import Acquire, Distill, Encode, Full, Job, Prepare, Successor, jobs_of
from feasible_al.jobs.resolve import load_saved
from feasible_al.results.externals import check_unchanged
from feasible_al.results.integrity import verify_inputs
from feasible_al.results.messages import recording_failure
from feasible_al.results.reuse import reuse


def run_job(path: Path, name: str, threads: int, gpus: int) -> None:
    """Run one job; if it fails, the reason is noted in its state.

    Args:
        path: the resolved config in the run's folder.
        name: the job's folder below the run's, followed by its range of points where it has one.
        threads: CPU threads to compute with.
        gpus: how many GPUs the scheduler promised.

    Raises:
        InputError: if there is no such job, or the files that it reads are missing or changed.
    """
    from feasible_al.stages.gpu_check import check_gpus

    config, run_folder = load_saved(path), path.parent
    job = _job(config, name)
    with recording_failure(config, job, run_folder):
        check_gpus(gpus, config.engine.device)
        verify_inputs(config, job, run_folder)
        check_unchanged(config, job, run_folder)
        match job:
            case Prepare():
                from feasible_al.stages.prepare import prepare

                prepare(config, job, run_folder)
            case Distill():
                from feasible_al.stages.distill import distill

                distill(config, job, run_folder, threads)
            case Encode():
                from feasible_al.stages.encode import encode

                encode(config, job, run_folder, threads)
            case Acquire():
                from feasible_al.stages.acquire import acquire

                acquire(config, job, run_folder, threads)
            case Successor():
                from feasible_al.stages.successor import fit_successor

                fit_successor(config, job, run_folder, threads)
            case Full():
                from feasible_al.stages.successor import fit_full

                fit_full(config, job, run_folder, threads)


def take_over(path: Path, name: str, source: Path) -> None:
    """Take one job over from an earlier run; if that fails, the reason is noted in the job's state.

    Args:
        path: the resolved config in the run's folder.
        name: the job's folder below the run's, followed by its range of points where it has one.
        source: the earlier run's folder.

    Raises:
        InputError: if there is no such job, or the earlier run's files have changed since they were written.
    """
    config, run_folder = load_saved(path), path.parent
    job = _job(config, name)
    with recording_failure(config, job, run_folder):
        reuse(config, job, run_folder, source)


def _job(config: Config, name: str) -> Job:
    jobs: dict[str, Job] = {job.name: job for job in jobs_of(config)}
    if name not in jobs:
        raise unknown_name("job", name, jobs)
    return jobs[name]
