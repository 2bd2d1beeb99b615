"""What a job resumes from: whole steps in ``results/<run>/state/<hash>/``, under a lease.

Workflow engines delete a job's declared outputs before a retry, so nothing that is resumed lives there.
A step is an iteration or a point; it is written as a folder that is renamed into place, so a step that
exists is whole. The folder's name is the hash of the resolved job, so another job never reads it.
"""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from feasible_al.config import Config
from feasible_al.config.jobs import Job, hash_of
from feasible_al.io import read_json, write_json
from feasible_al.manifest import manifest

Frames = dict[str, pd.DataFrame]
Facts = dict[str, Any]
"""Of a step: ``shared`` (other work used the machine meanwhile) and ``hardware`` (``Device.describe``)."""

NOTHING_TRAINED: Facts = {"shared": False, "hardware": {}}
LEASE = "lease"


class State:
    """The finished steps of one job.

    Args:
        config: the resolved config.
        job: the job.
        run_folder: ``results/<run>``.
        steps: how many steps the job has.
    """

    def __init__(self, config: Config, job: Job, run_folder: Path, steps: int) -> None:
        self._config, self._job, self._steps = config, job, steps
        self.folder = state_folder(config, job, run_folder)
        self._attempt = 0
        self._started = ""

    def begin(self) -> None:
        """Count an attempt and forget what a killed one left half written."""
        for half in self.folder.glob("*.tmp"):
            shutil.rmtree(half) if half.is_dir() else half.unlink()
        attempts = self.folder / "attempts.json"
        self._attempt = (read_json(attempts) if attempts.exists() else 0) + 1
        self._started = _now()
        write_json(attempts, self._attempt)
        self._show(self.finished())

    def finished(self) -> int:
        """How many steps are whole: the first ones, without a gap."""
        return next(n for n in range(self._steps + 1) if n == self._steps or not self._step(n).exists())

    def save(self, frames: Frames, facts: Facts) -> None:
        """Write the next step."""
        number = self.finished()
        step = self._step(number)
        temporary = step.with_name(f"{step.name}.tmp")
        temporary.mkdir(parents=True)
        for name, table in frames.items():
            table.to_parquet(temporary / f"{name}.parquet", index=False)
        write_json(temporary / "facts.json", facts | {"attempt": self._attempt})
        temporary.replace(step)
        self._show(number + 1)

    def frames(self, number: int) -> Frames:
        """The tables of a finished step."""
        return {path.stem: pd.read_parquet(path) for path in sorted(self._step(number).glob("*.parquet"))}

    def facts(self, number: int) -> Facts:
        """The facts of a finished step."""
        facts: Facts = read_json(self._step(number) / "facts.json")
        return facts

    def joined(self, name: str) -> pd.DataFrame:
        """A table that every step has, joined in their order."""
        parts = [self.frames(number)[name] for number in range(self.finished())]
        return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)

    def write_manifest(self, folder: Path, names: Sequence[int], **known: Any) -> None:
        """Write ``manifest.json`` into ``folder``.

        Args:
            folder: where.
            names: the iteration or point of each step.
            known: what the stage knows besides.
        """
        facts = [self.facts(number) for number in range(self.finished())]
        # The first step of a later attempt starts on a cold machine.
        resumed = [i for i in range(1, len(facts)) if facts[i]["attempt"] != facts[i - 1]["attempt"]]
        shared = [i for i, fact in enumerate(facts) if fact["shared"]]
        times = {"started": self._started, "finished": _now()}
        history = {
            "exclusive": not shared,
            "shared_iterations": [names[i] for i in shared],
            "resumed_iterations": [names[i] for i in resumed],
            "attempts": self._attempt,
        }
        write_json(
            folder / "manifest.json",
            manifest(self._config, self._job) | facts[-1]["hardware"] | history | times | known,
        )

    def _show(self, done: int) -> None:
        """Tell whoever watches how far the job is."""
        progress = {"job": str(self._job.folder), "done": done, "steps": self._steps, "time": time.time()}
        write_json(self.folder / "progress.json", progress)

    def _step(self, number: int) -> Path:
        return self.folder / f"step{number:04d}"


@contextmanager
def leased(config: Config, job: Job, run_folder: Path, steps: int) -> Iterator[State]:
    """The state of a job, held by one process at a time; a second copy waits and then finds the steps done.

    The lease is a lock of the operating system, which lets go of it however the process ends.
    """
    state = State(config, job, run_folder, steps)
    state.folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(state.folder / LEASE)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        print(f"{job.folder}: another process works on it; waiting", flush=True)
        lock.acquire()
    with lock:
        state.begin()
        yield state


def state_folder(config: Config, job: Job, run_folder: Path) -> Path:
    """``results/<run>/state/<hash of the job>``."""
    return run_folder / "state" / hash_of(config, job)


def clear(run_folder: Path) -> None:
    """Remove the states of jobs that nobody holds; called when all outputs of a run are accepted."""
    for folder in sorted(path for path in (run_folder / "state").glob("*") if path.is_dir()):
        lock = FileLock(folder / LEASE)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        with lock:
            shutil.rmtree(folder)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
