"""Show what a run is doing, at which iteration, and the time left; read from the states of its jobs."""

import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from feasible_al.config import Config
from feasible_al.core.io import read_json
from feasible_al.estimate.times import Estimate
from feasible_al.jobs import jobs_of, state_hash


class Progress:
    """The progress of a run: a bar on a terminal, elsewhere a line per finished step.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        expected: the expected seconds of each step of each job.
    """

    def __init__(self, config: Config, run_folder: Path, expected: Estimate) -> None:
        self._config, self._expected = config, expected
        self._states = {
            job: run_folder / "state" / state_hash(config, job) / "progress.json"
            for job in jobs_of(config)
            if expected.steps.get(job.name)
        }
        self._seen: dict[str, int] = {}
        self._start = time.monotonic()
        self._bar: Bar | None = None
        if sys.stdout.isatty():
            self._bar = Bar(
                TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f}%")
            )
            self._bar.start()
            self._task = self._bar.add_task(config.run.name, total=expected.seconds)
        self._console = self._bar.console if self._bar else Console(soft_wrap=True)

    def update(self) -> None:
        """Read the state of every job and show what is new."""
        for job, path in self._states.items():
            state = _read(path)
            if state is None or state["done"] <= self._seen.get(state["job"], -1):
                continue
            self._seen[state["job"]] = state["done"]
            done, left = self._time()
            unit = {"acquire": "iteration", "successor": "point", "full": "fit"}.get(job.stage, "step")
            text = f"{job.name}: {unit} {state['done']} of {state['steps']} done"
            if self._bar:
                self._bar.update(self._task, completed=done, description=f"{text}, {duration(left)} left")
            else:
                self._console.print(
                    f"[{duration(time.monotonic() - self._start)}] {text}; {duration(left)} left",
                    markup=False,
                )

    def close(self) -> None:
        """Remove the bar."""
        if self._bar:
            self._bar.stop()

    def _time(self) -> tuple[float, float]:
        """Expected seconds of the finished steps, and seconds left at the speed so far."""
        done = sum(sum(self._expected.steps[job][:count]) for job, count in self._seen.items())
        elapsed = time.monotonic() - self._start
        # 30 seconds are added to both, so that the first steps change the pace only a little.
        pace = (elapsed + 30) / (done + 30)
        return done, max(0.0, self._expected.seconds - done) * pace


def _read(path: Path) -> dict[str, Any] | None:
    try:
        state: dict[str, Any] = read_json(path)
    except FileNotFoundError:  # not started, or removed
        return None
    return state


def duration(seconds: float) -> str:
    """Seconds as text, such as ``1 h 05 min``."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:02.0f} s"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:02.0f} min"
