"""The finished steps of a job, from which it resumes, in ``results/<run>/state/<hash>/``; locked by a lease.

Workflow engines delete a job's declared outputs before a retry, so these steps are kept elsewhere. A step is
an iteration or a point. It is written as a folder that is renamed when it is complete. A step that was
damaged later is found by its digests and computed again, to the same bytes. The state's folder is named after
the hash of the resolved job, so that no other job reads it.
"""

import json
import shutil
import time
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from feasible_al.config import Config
from feasible_al.core.io import read_json, sha256_of, write_json, write_record
from feasible_al.jobs import MANIFEST, Job
from feasible_al.results.integrity import MACHINE_FACTS, Result, manifest, state_folder

Frames = dict[str, pd.DataFrame]
Facts = dict[str, Any]
"""Of a step: ``shared`` and ``joules`` (``Clock.conditions``), ``hardware`` (``Device.describe``) and
``out_of_memory`` (``Memory.take``)."""

NOTHING_TRAINED: Facts = {
    "shared": False,
    "joules": None,
    "hardware": {},
    "out_of_memory": {"times": 0, "smallest": None},
}
LEASE = "lease"
FAILURE_NOTE = "failure.json"
DIGESTS = "digests.json"


class State:
    """The finished steps of one job.

    Args:
        config: the resolved config.
        job: the job.
        run_folder: ``results/<run>``.
        steps: how many steps the job has.
    """

    def __init__(self, config: Config, job: Job, run_folder: Path, steps: int) -> None:
        self._config, self._job, self._run_folder, self._steps = config, job, run_folder, steps
        self.folder = state_folder(config, job, run_folder)
        self._attempt = 0
        self._started = ""
        self._saved: dict[int, Frames] = {}

    def begin(self) -> None:
        """Count an attempt; remove half-written and damaged steps, and all steps after a damaged one."""
        for half in self.folder.glob("*.tmp"):
            shutil.rmtree(half) if half.is_dir() else half.unlink()
        sound = next((n for n in range(self.finished()) if not _is_intact(self.step(n))), self.finished())
        for number in range(sound, self._steps):
            if self.step(number).exists():
                print(
                    f"{self._job.name}: step {number}, or one before it, is damaged; it runs again",
                    flush=True,
                )
                shutil.rmtree(self.step(number))
        attempts = self.folder / "attempts.json"
        self._attempt = (read_json(attempts) if attempts.exists() else 0) + 1
        self._started = _now()
        write_json(attempts, self._attempt)
        self._write_progress(self.finished())

    def finished(self) -> int:
        """How many steps are finished, counted from the first up to the first that is missing."""
        return next(n for n in range(self._steps + 1) if n == self._steps or not self.step(n).exists())

    def save(self, frames: Frames, facts: Facts, folder: Path | None = None) -> None:
        """Write the next step, and move ``folder`` into it; its tables must not change afterwards.

        Its digests tell whether all of it reached the disk, so nothing waits for that here.
        """
        number = self.finished()
        step = self.step(number)
        temporary = step.with_name(f"{step.name}.tmp")
        temporary.mkdir(parents=True)
        for name, table in frames.items():
            table.to_parquet(temporary / f"{name}.parquet", index=False)
        (temporary / "facts.json").write_text(json.dumps(facts | {"attempt": self._attempt}, allow_nan=False))
        if folder:
            folder.replace(temporary / folder.name)
        (temporary / DIGESTS).write_text(json.dumps(_digests(temporary)))
        temporary.replace(step)
        self._saved[number] = frames
        self._write_progress(number + 1)

    def frames(self, number: int) -> Frames:
        """The tables of a finished step."""
        if number in self._saved:
            return self._saved[number]
        return {path.stem: pd.read_parquet(path) for path in sorted(self.step(number).glob("*.parquet"))}

    def facts(self, number: int) -> Facts:
        """The facts of a finished step."""
        facts: Facts = read_json(self.step(number) / "facts.json")
        return facts

    def joined(self, name: str) -> pd.DataFrame:
        """A table that every step has, joined in the order of the steps."""
        parts = [
            self._saved[number][name]
            if number in self._saved
            else pd.read_parquet(self.step(number) / f"{name}.parquet")
            for number in range(self.finished())
        ]
        return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)

    def write_manifest(self, result: Result, names: Mapping[int, int], **known: Any) -> None:
        """Write the manifest of a result, after its files.

        Args:
            result: the result.
            names: by number, the iteration or point of each step that the result is made of.
            known: further facts.
        """
        facts = {number: self.facts(number) for number in range(self.finished())}
        # The first step of a later attempt starts on a cold machine.
        resumed = [i for i in names if i and facts[i]["attempt"] != facts[i - 1]["attempt"]]
        shared = [i for i in names if facts[i]["shared"]]
        times = {"started": self._started, "finished": _now()}
        history = {
            "exclusive": not shared,
            "shared_iterations": [names[i] for i in shared],
            "resumed_iterations": [names[i] for i in resumed],
            "attempts": self._attempt,
            "out_of_memory": _memory_shortages([facts[i]["out_of_memory"] for i in names]),
            "joules": _sum([facts[i].get("joules") for i in names]),
        }
        found = manifest(self._config, result, self._run_folder) | facts[max(names)]["hardware"]
        steps = {names[i]: facts[i]["hardware"] for i in names}
        write_record(
            self._run_folder / result.folder / MANIFEST,
            found | _other_machines(found, steps) | history | times | known,
        )

    def _write_progress(self, done: int) -> None:
        """Write how far the job is, for ``feasible-al status`` and the progress of a run."""
        progress = {"job": self._job.name, "done": done, "steps": self._steps, "time": time.time()}
        write_json(self.folder / "progress.json", progress)

    def step(self, number: int) -> Path:
        """The folder of a step."""
        return self.folder / f"step{number:04d}"


@contextmanager
def leased(config: Config, job: Job, run_folder: Path, steps: int) -> Iterator[State]:
    """The state of a job, held by one process at a time; a second one waits, then finds the steps done.

    The lease is a lock of the operating system, which is released however the process ends.
    """
    state = State(config, job, run_folder, steps)
    state.folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(state.folder / LEASE)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        print(f"{job.name}: another process is working on it; waiting", flush=True)
        lock.acquire()
    with lock:
        state.begin()
        yield state


def remove_states(run_folder: Path, kept: Container[str]) -> None:
    """Remove the states that no process holds; called when all outputs that were asked for exist.

    Args:
        run_folder: ``results/<run>``.
        kept: names of the states to keep: of jobs that are begun and not finished.
    """
    for folder in sorted(path for path in (run_folder / "state").glob("*") if path.is_dir()):
        if folder.name in kept:
            continue
        lock = FileLock(folder / LEASE)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        with lock:
            shutil.rmtree(folder)


def _digests(step: Path) -> dict[str, str]:
    files = (path for path in sorted(step.rglob("*")) if path.is_file() and path != step / DIGESTS)
    return {path.relative_to(step).as_posix(): sha256_of(path) for path in files}


def _is_intact(step: Path) -> bool:
    """Whether every file of a step has the digest that it was written with."""
    try:
        return bool(read_json(step / DIGESTS) == _digests(step))
    except (OSError, ValueError):
        return False


def _other_machines(last: Facts, steps: Mapping[int, Facts]) -> Facts:
    """The other machines that earlier attempts ran on, each with its iterations; empty if there were none."""
    own = tuple(last[key] for key in MACHINE_FACTS)
    others: dict[tuple[Any, ...], list[int]] = {}
    for name, hardware in steps.items():
        machine = tuple(hardware.get(key, last[key]) for key in MACHINE_FACTS)
        if machine != own:
            others.setdefault(machine, []).append(name)
    found = [
        dict(zip(MACHINE_FACTS, machine, strict=True)) | {"iterations": names}
        for machine, names in others.items()
    ]
    return {"elsewhere": found} if found else {}


def _memory_shortages(records: list[dict[str, Any]]) -> dict[str, Any]:
    """The records of several steps as one: times that memory ran out, and the smallest part used."""
    sizes = [record["smallest"] for record in records if record["smallest"]]
    return {"times": sum(record["times"] for record in records), "smallest": min(sizes, default=None)}


def _sum(values: list[float | None]) -> float | None:
    """None if one of them is unknown."""
    known = [value for value in values if value is not None]
    return round(sum(known), 3) if len(known) == len(values) else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
