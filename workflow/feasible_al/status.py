"""``feasible-al status``: how far a run is, from its files alone."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock, Timeout
from rich.console import Console
from rich.table import Table

from feasible_al.config import Config, saved
from feasible_al.config.jobs import Job, jobs_of
from feasible_al.errors import InputError
from feasible_al.estimate.plan import STAGES, stage_of
from feasible_al.io import read_json
from feasible_al.reuse import recorded
from feasible_al.stages.failures import FILE
from feasible_al.stages.state import LEASE

Condition = Literal["done", "running", "failed", "stopped", "planned"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)


@dataclass(frozen=True)
class Status:
    """What a job is doing.

    Attributes:
        job: its name: its folder below the run's, with the block of its points.
        stage: of the workflow.
        condition: ``stopped`` was begun, is held by nobody and has not said why: it was cut off or crashed.
        steps: finished iterations or points of all, where it was begun.
        reused: whether its results are an earlier run's.
        reason: what bad input it met or how its fit failed, or the last line of its log.
        log: its log.
    """

    job: str
    stage: str
    condition: Condition
    steps: str
    reused: bool
    reason: str
    log: Path


def config_of(run_folder: Path) -> Config:
    """The newest resolved config of a run.

    Raises:
        InputError: if there is none.
    """
    configs = sorted(run_folder.glob("config-*.json"), key=lambda path: path.stat().st_mtime)
    if not configs:
        raise InputError("there is no run here: no config-<hash>.json", str(run_folder))
    return saved(configs[-1])


def statuses(config: Config, run_folder: Path) -> Iterator[Status]:
    """Every job of a run, in the workflow's order; nothing is computed and nothing but leases is touched."""
    begun = {known["job"]: (path.parent, known) for path, known in _read(run_folder, "progress.json")}
    failed = {known["job"]: known["message"] for _, known in _read(run_folder, FILE)}
    reused = recorded(run_folder)
    for job in jobs_of(config):
        state, progress = begun.get(job.name, (None, {}))
        condition = _condition(job, run_folder, state, job.name in failed)
        log = run_folder / "logs" / f"{job.name}.log"
        reason = failed.get(job.name, "") if condition == "failed" else ""
        if condition == "stopped":
            reason = _last_line(log)
        steps = f"{progress['done']} of {progress['steps']}" if progress and condition != "done" else ""
        taken = condition == "done" and job.name in reused
        yield Status(job.name, stage_of(job), condition, steps, taken, reason, log)


def _condition(job: Job, run_folder: Path, state: Path | None, failed: bool) -> Condition:
    if all((run_folder / job.folder / file).exists() for file in job.outputs):
        return "done"
    if state is not None and _held(state):
        return "running"
    if failed:
        return "failed"
    return "planned" if state is None else "stopped"


def _read(run_folder: Path, name: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A file of every state; one that its job is just writing or removing is left out."""
    for path in sorted((run_folder / "state").glob(f"*/{name}")):
        try:
            yield path, read_json(path)
        except (OSError, ValueError):
            continue


def _held(state: Path) -> bool:
    """Whether a process has the lease of a state; a lock of the operating system ends with its process."""
    lock = FileLock(state / LEASE)
    try:
        lock.acquire(blocking=False)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return "no log"
    return next((line.strip() for line in reversed(lines) if line.strip()), "nothing in its log")


def show(name: str, found: list[Status]) -> None:
    """Print how many jobs of each stage are in which condition, then those that run, failed or stopped."""
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
    for condition in ("running", "stopped", "failed"):
        for status in found:
            if status.condition == condition:
                steps = f", {status.steps} steps done" if status.steps else ""
                console.print(f"{condition}: {status.job}{steps}", markup=False, highlight=False)
                if status.reason:
                    console.print(f"  {status.reason!r}\n  {status.log}", markup=False, highlight=False)
