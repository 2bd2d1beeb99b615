"""``feasible-al status``: show the progress of a run, from its files alone."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock, Timeout
from rich.console import Console
from rich.table import Table

from feasible_al.analysis.narrowed import narrowing
from feasible_al.config import Config
from feasible_al.core.errors import InputError, printable
from feasible_al.core.io import read_json
from feasible_al.estimate.plan import STAGES, stage_of
from feasible_al.jobs import Job, jobs_of
from feasible_al.jobs.resolve import load_saved
from feasible_al.results.batches import read_batches
from feasible_al.results.externals import Digests, with_current_digests
from feasible_al.results.integrity import state_folder
from feasible_al.results.messages import end_of_log
from feasible_al.results.outdated import outdated, rerun_messages
from feasible_al.results.reuse import read_reused
from feasible_al.results.state import FAILURE_NOTE, LEASE

Condition = Literal["done", "outdated", "running", "failed", "stopped", "planned"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
CONFIGS = "config-*.json"


@dataclass(frozen=True)
class Status:
    """The state of a job.

    Attributes:
        job: its name: its folder below the run's, followed by its range of points where it has one.
        stage: its stage of the workflow.
        condition: ``outdated``: done, but something that it depends on has changed since; ``stopped``:
            started, but no process works on it and it noted no failure, so it was killed or crashed.
        steps: finished iterations or points, such as ``3 of 15``; empty before its start and when it is done.
        reused: whether its results are taken over from an earlier run.
        reason: what changed, why it failed, or the last lines of its log.
        log: the path of its log.
    """

    job: str
    stage: str
    condition: Condition
    steps: str
    reused: bool
    reason: str
    log: Path


def print_status(run: Path) -> None:
    """Print the status of a run.

    Args:
        run: its folder, or its name below ``results/``.

    Raises:
        InputError: if there is no such run.
    """
    folder = run if run.is_dir() else Path("results") / run
    config = config_of(folder)
    if part := config.narrow:
        by = f" It was started by: {part.command}" if part.command else ""
        print(printable(f"{narrowing(config)}{by}"))
    show(config.run.name, list(statuses(config, folder)))


def config_of(run_folder: Path) -> Config:
    """The resolved config that a run was last started with.

    Raises:
        InputError: if the folder has none.
    """
    configs = sorted(run_folder.glob(CONFIGS), key=lambda path: path.stat().st_mtime)
    if not configs:
        raise InputError("there is no run here: no config-<hash>.json", str(run_folder))
    return load_saved(configs[-1])


def statuses(config: Config, run_folder: Path) -> Iterator[Status]:
    """The status of every job, in the workflow's order; computes nothing, touches only the leases."""
    reused = read_reused(run_folder)
    jobs = jobs_of(config)
    again = outdated(with_current_digests(config, Digests(run_folder)), jobs, run_folder)
    batched = {job: batch[-1] for batch in read_batches(jobs, run_folder) for job in batch}
    started = max((path.stat().st_mtime for path in run_folder.glob(CONFIGS)), default=0)
    for job in jobs:
        state = state_folder(config, job, run_folder)
        progress, failed = _read(state / "progress.json"), _read(state / FAILURE_NOTE)
        log = run_folder / batched.get(job, job).log
        logged = job not in batched and log.exists() and log.stat().st_mtime >= started
        condition = _condition(job, run_folder, state if progress else None, logged, bool(failed))
        if condition == "done" and job.name in again:
            condition = "outdated"
        reason = failed["message"] if condition == "failed" else ""
        if condition == "stopped":
            reason = end_of_log(log)
        elif condition == "outdated":
            reason = "; ".join(again[job.name])
        steps = f"{progress['done']} of {progress['steps']}" if progress and condition != "done" else ""
        taken = condition == "done" and job.name in reused
        yield Status(job.name, stage_of(job), condition, steps, taken, reason, log)


def _condition(job: Job, run_folder: Path, state: Path | None, logged: bool, failed: bool) -> Condition:
    if all((run_folder / job.folder / file).exists() for file in job.outputs):
        return "done"
    if state is not None and _held(state):
        return "running"
    if failed:
        return "failed"
    return "planned" if state is None and not logged else "stopped"


def _read(path: Path) -> dict[str, Any]:
    """A JSON file of a state; empty if it is missing, or if its job is just writing or removing it."""
    try:
        known: dict[str, Any] = read_json(path)
    except (OSError, ValueError):
        return {}
    return known


def _held(state: Path) -> bool:
    """Whether a process holds the lease of a state; the operating system frees the lock when it ends."""
    lock = FileLock(state / LEASE)
    try:
        lock.acquire(blocking=False)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def show(name: str, found: list[Status]) -> None:
    """Print the number of jobs by stage and condition, then the jobs that are running, stopped or failed."""
    console = Console(soft_wrap=True)
    counts = Counter((status.stage, status.condition) for status in found)
    done, reused = sum(s.condition == "done" for s in found), sum(s.reused for s in found)
    title = f"{name}: {done} of {len(found)} jobs done"
    table = Table(title=f"{title}, {reused} of them reused from earlier runs" if reused else title)
    table.add_column("")
    for condition in CONDITIONS:
        table.add_column(condition, justify="right")
    for stage in STAGES:
        if any(stage == status.stage for status in found):
            table.add_row(stage, *(str(counts[stage, condition]) for condition in CONDITIONS))
    console.print(table)
    for line in rerun_messages(
        {status.job: [status.reason] for status in found if status.condition == "outdated"}
    ):
        console.print(f"outdated: {line}", markup=False, highlight=False)
    for condition in ("running", "stopped", "failed"):
        for status in found:
            if status.condition == condition:
                steps = f", {status.steps} steps done" if status.steps else ""
                console.print(f"{condition}: {status.job}{steps}", markup=False, highlight=False)
                for line in (*status.reason.split("\n"), str(status.log)) if status.reason else ():
                    console.print(f"  {printable(line)}", markup=False, highlight=False)
