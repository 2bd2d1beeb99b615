"""Run jobs of the workflow, or take one over from an earlier run."""

import traceback
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from feasible_al.config import Config
from feasible_al.core.errors import STORAGE, FitFailure, InputError, OutOfTime, unknown_name
from feasible_al.jobs import Acquire, Distill, Encode, Full, ImportLabels, Job, Prepare, Successor, jobs_of
from feasible_al.jobs.resolve import load_saved
from feasible_al.results.batches import with_seed
from feasible_al.results.externals import check_unchanged
from feasible_al.results.integrity import verify_inputs
from feasible_al.results.messages import BATCH_FAILED, FAILURES, note_failure, recording_failure
from feasible_al.results.reuse import has_results, reuse

if TYPE_CHECKING:
    from feasible_al.stages.shared import Shared


def run_jobs(path: Path, name: str, seeds: Sequence[int], threads: int, gpus: int) -> None:
    """Run one job, or a batch; if a job fails, the reason is noted in its state.

    In a batch, a job that has results is left as it is, and one that fails does not stop the others.

    Args:
        path: the resolved config in the run's folder.
        name: the job's folder below the run's, followed by its range of points where it has one.
        seeds: run the job with each of these seeds instead of its own; none for one job alone.
        threads: CPU threads to compute with.
        gpus: how many GPUs the scheduler promised.

    Raises:
        InputError: if there is no such job, or the files that it reads are missing or changed.
        FitFailure: if jobs of a batch fail, all for other reasons than their input.
    """
    from feasible_al.stages.place import own_place
    from feasible_al.stages.shared import Shared

    config, run_folder = load_saved(path), path.parent
    jobs = _jobs(config)
    job = _named(jobs, name)
    on_cpu = config.engine.device == "cpu"
    with nullcontext() if isinstance(job, Prepare | ImportLabels) else own_place(threads, cpu_only=on_cpu):
        shared = Shared(config, run_folder, threads)
        if seeds:
            _run_batch(
                config, [_named(jobs, with_seed(job, seed).name) for seed in seeds], run_folder, shared, gpus
            )
        else:
            _run(config, job, run_folder, shared, gpus)


def _run_batch(config: Config, members: Sequence[Job], run_folder: Path, shared: "Shared", gpus: int) -> None:
    from feasible_al.stages.deadline import in_time

    failed: dict[str, Exception] = {}
    by_name = {job.name: job for job in members}
    for name in in_time(by_name):
        job = by_name[name]
        if has_results(config, job, run_folder):
            continue
        print(f"{name}:", flush=True)
        try:
            _run(config, job, run_folder, shared, gpus)
        except OutOfTime:
            raise
        except Exception as error:  # whatever it is, it is told, and the others run
            if isinstance(error, OSError) and error.errno in STORAGE:
                raise
            if not isinstance(error, FAILURES):
                traceback.print_exc()
                note_failure(config, job, run_folder, error)
            failed[name] = error
    if failed:
        kind = InputError if any(isinstance(error, InputError) for error in failed.values()) else FitFailure
        reasons = (f"{name}: {str(error) or type(error).__name__}" for name, error in failed.items())
        raise kind("\n".join([BATCH_FAILED.format(len(failed), len(members)), *reasons]))


def _run(config: Config, job: Job, run_folder: Path, shared: "Shared", gpus: int) -> None:
    from feasible_al.stages.gpu_check import check_gpus

    with recording_failure(config, job, run_folder):
        check_gpus(gpus, config.engine.device)
        shared.verified |= verify_inputs(config, job, run_folder, shared.made, shared.verified)
        check_unchanged(config, job, run_folder)
        match job:
            case Prepare():
                from feasible_al.stages.prepare import prepare

                prepare(config, job, run_folder)
            case Distill():
                from feasible_al.stages.distill import distill

                distill(config, job, run_folder, shared.threads)
            case Encode():
                from feasible_al.stages.encode import encode

                encode(config, job, run_folder, shared.threads)
            case ImportLabels():
                from feasible_al.stages.imported_labels import import_labels

                import_labels(config, job, run_folder, shared)
            case Acquire():
                from feasible_al.stages.acquire import acquire

                acquire(config, job, run_folder, shared)
            case Successor():
                from feasible_al.stages.successor import fit_successor

                fit_successor(config, job, run_folder, shared)
            case Full():
                from feasible_al.stages.successor import fit_full

                fit_full(config, job, run_folder, shared)


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
    job = _named(_jobs(config), name)
    with recording_failure(config, job, run_folder):
        reuse(config, job, run_folder, source)


def _jobs(config: Config) -> dict[str, Job]:
    return {job.name: job for job in jobs_of(config)}


def _named(jobs: dict[str, Job], name: str) -> Job:
    if name not in jobs:
        raise unknown_name("job", name, jobs)
    return jobs[name]
