"""What goes wrong on a cluster, done on purpose to the fits of one run while they are in mid-iteration."""

import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.slurm.one_node import run

SEEDS = range(1, 7)
GREEDY, LATE = 5, 6  # the seeds whose first attempts get too little memory and too little time


@dataclass(frozen=True)
class Fit:
    """A trajectory that runs in a job of Slurm."""

    seed: int
    process: psutil.Process
    job: str
    gpu: str

    def done(self, folder: Path) -> int:
        """Iterations that it has finished, those of earlier attempts among them."""
        for file in folder.glob("results/*/state/*/progress.json"):
            progress = json.loads(file.read_text())
            if progress["job"].endswith(f"seed{self.seed}"):
                return progress["done"]
        return 0


@dataclass
class Outcome:
    """What was done to whom, and what became of Slurm's jobs."""

    preempted: tuple[Fit, ...] = ()
    cancelled: Fit | None = None
    killed: Fit | None = None
    states: tuple[str, ...] = ()
    """Of every job, failed attempts among them: ``seed state restarts``."""

    @property
    def spared(self) -> set[int]:
        """The seeds that nothing happened to yet; the greedy and the late one have their share anyway."""
        done = {fit.seed for fit in (*self.preempted, self.cancelled, self.killed) if fit}
        return {*SEEDS} - {GREEDY, LATE} - done


def fits(folder: Path) -> Iterator[Fit]:
    """The trajectories that run in jobs of Slurm below ``folder``."""
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            step = words[1:4] == ["-m", "feasible_al.cli", "step"] and words[5].startswith("acquisition/")
            if step and process.cwd() == str(folder):
                known = process.environ()
                seed = int(words[5].rsplit("seed")[-1])
                yield Fit(seed, process, known["SLURM_JOB_ID"], known["SLURM_STEP_GPUS"])
        except (psutil.Error, KeyError):  # it ended meanwhile, or has only just begun
            continue


def disturb(driver: subprocess.Popen, folder: Path) -> Outcome:
    """Preempt two fits that run at once, cancel one, kill one, and let the late one be late."""
    outcome = Outcome()
    while driver.poll() is None:
        time.sleep(0.1)
        running = list(fits(folder))
        late = [fit for fit in running if fit.seed == LATE and limited(fit)]
        held = [fit for fit in running if fit.seed in outcome.spared and fit.done(folder)]
        for fit in late + held:  # so that it does not finish before something happens to it
            suspend(fit)
        if not outcome.preempted and len(held) == 2:
            outcome.preempted = tuple(held)
            run("sbatch", "--partition=urgent", "--exclusive", "--gpus=2", "--mem=100", "--output=/dev/null",
                "--wrap", "sleep 2")  # fmt: skip
        elif held and (outcome.preempted or late):
            if not outcome.cancelled:
                outcome.cancelled = held.pop()
                run("scancel", outcome.cancelled.job)
            elif not outcome.killed:
                outcome.killed = held.pop()
                outcome.killed.process.send_signal(signal.SIGKILL)
    return outcome


def suspend(fit: Fit) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        fit.process.suspend()


def limited(fit: Fit) -> bool:
    """Whether this attempt has the short time limit."""
    return run("squeue", "--noheader", "--format=%l", f"--jobs={fit.job}").strip() == "1:00"
