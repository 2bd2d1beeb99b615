"""``feasible-al run``: validate, fetch, say how long it will take, run the workflow, show how far it is.

``feasible-al fetch`` is the beginning of it, until the datasets are prepared.
"""

import ctypes
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psutil
from filelock import FileLock, Timeout

from feasible_al.commands.fetch import fetch
from feasible_al.commands.progress import Progress, minutes
from feasible_al.commands.validate import check_sources
from feasible_al.config import Config
from feasible_al.core.errors import InputError, printable, storage_fault
from feasible_al.core.io import read_json
from feasible_al.core.machine import usable
from feasible_al.engine.device import open_device
from feasible_al.estimate.times import Estimate, matmul_rate, remaining
from feasible_al.jobs import Prepare
from feasible_al.jobs.resolve import load
from feasible_al.jobs.targets import jobs_for_targets
from feasible_al.results.externals import with_digests
from feasible_al.results.messages import failures, notices
from feasible_al.results.outdated import outdated, rerun_messages

ROOT = Path(__file__).resolve().parents[3]
FULL = 2**16  # bytes left of a disk that is full


def run(configs: Sequence[Path], targets: Sequence[str], cores: int | None, at_once: int) -> int:
    """Run a config on this machine; results go to ``results/<run>`` in the working directory.

    Args:
        configs: config files, later ones laid over earlier ones.
        targets: figures and tables by name; everything when empty.
        cores: processors to use; all that this process may use when None.
        at_once: trainings at once. More than one falsify each other's times, which are then left out of
            tables of times; good for many small models.

    Returns:
        0 when everything is there; 2 when a job's input was bad, 1 when anything else failed: the rest is
        computed and drawn all the same.

    Raises:
        InputError: if the config is bad, something cannot be fetched, or another run goes on in this folder.
    """
    config = load(configs)
    jobs = jobs_for_targets(config, targets)
    check_sources(config, jobs if targets else None)
    for fetched in fetch(config, jobs):
        if fetched.new:
            print(fetched, flush=True)
    run_folder = Path("results", config.run.name)
    log = run_folder / "logs" / "snakemake.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    page = run_folder / "report.html"
    before = page.stat().st_mtime_ns if page.exists() else None
    config = with_digests(config, run_folder)
    for line in rerun_messages(outdated(config, jobs, run_folder)):
        print(line, flush=True)
    cores = cores or usable()
    threads = max(1, cores // at_once)
    command, options = _snakemake(configs, cores)
    options += ["--resources", f"device={at_once}", "--max-threads", str(threads)]
    with _alone(), log.open("w", encoding="utf-8") as output:
        _unlock(command, options)
        data = {job.dataset: run_folder / job.record for job in jobs if isinstance(job, Prepare)}
        if data:
            _watched([*command, *map(str, data.values()), *options], output, None)
        # What cannot be prepared costs its own series.
        prepared = {name: read_json(stats) for name, stats in data.items() if stats.exists()}
        for name, stats in prepared.items():
            print(_sizes(name, stats))
        device = open_device(config.engine, threads)
        rate = matmul_rate(device)
        expected = remaining(config, run_folder, rate, [job for job in jobs if job.dataset in prepared])
        speed = f"{rate / 1e9:.0f} GFLOP/s in {device.precision}"
        if expected.fits or len(prepared) == len(data) < len(jobs):
            print(_announcement(config.run.name, expected, speed, at_once), flush=True)
        code = _watched(
            [*command, *(targets or ["all"]), *options], output, Progress(config, run_folder, expected)
        )
    if code == 0:
        for notice in notices(config, run_folder):
            print(printable(notice), file=sys.stderr)
        print(f"report: {run_folder / 'report.html'}" if not targets else f"done: {', '.join(targets)}")
        return 0
    if page.exists() and page.stat().st_mtime_ns != before:
        print(f"report: {page}, which says what is missing")
    return _failed(config, log, run_folder)


def _failed(config: Config, log: Path, run_folder: Path) -> int:
    """Say what stopped a run; the exit code."""
    failed = failures(config, [log], run_folder)
    for failure in failed:
        print(f"error: {failure.job}: {_shown(failure.reason)}\n  its log is {failure.log}", file=sys.stderr)
    if not failed:
        print(_tail(log), file=sys.stderr)
    if shutil.disk_usage(run_folder).free < FULL:
        full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(run_folder))
        print(f"error: {storage_fault(full)}", file=sys.stderr)
    print(f"error: not everything could be done; the whole log is {log}", file=sys.stderr)
    return 2 if any(failure.bad_input for failure in failed) else 1


def fetch_and_prepare(configs: Sequence[Path], targets: Sequence[str]) -> int:
    """Fetch what a config needs from the network and prepare its datasets, where a fault can be mended.

    Other runs may go on in this folder.

    Args:
        configs: config files, later ones laid over earlier ones.
        targets: figures and tables by name; everything when empty.

    Returns:
        As :func:`run`.

    Raises:
        InputError: if the config is bad, or something cannot be fetched.
    """
    config = load(configs)
    asked = jobs_for_targets(config, targets)
    check_sources(config, asked if targets else None)
    for fetched in fetch(config, asked):
        print(fetched, flush=True)
    run_folder = Path("results", config.run.name)
    log = run_folder / "logs" / "fetch.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    config = with_digests(config, run_folder)
    jobs = {job: run_folder / job.record for job in asked if isinstance(job, Prepare)}
    if outdated(config, jobs, run_folder) or not all(path.exists() for path in jobs.values()):
        command, options = _snakemake(configs, 1)  # one by one: a login node's memory is everybody's
        with log.open("w", encoding="utf-8") as output:
            if _watched([*command, *map(str, jobs.values()), *options], output, None):
                return _failed(config, log, run_folder)
    for job, path in jobs.items():
        print(_sizes(job.dataset, read_json(path)))
    return 0


def _snakemake(configs: Sequence[Path], cores: int) -> tuple[list[str], list[str]]:
    """The command and its options; targets stand between them."""
    # Neither a file of the working folder nor a profile for all of a user's workflows joins in.
    command = [sys.executable, "-P", "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    options = ["--profile", "none", "--workflow-profile", str(ROOT / "profiles" / "default")]
    return command, [*options, "--configfile", *map(str, configs), "--cores", str(cores)]


def _announcement(name: str, expected: Estimate, speed: str, at_once: int) -> str:
    if not expected.fits:
        return f"{name}: every fit is done already."
    time_left = minutes(expected.seconds / at_once)
    return f"{name}: {expected.fits} fits, about {time_left} on this machine ({speed})."


def _sizes(name: str, stats: dict[str, Any]) -> str:
    splits = (
        f"{split} {sizes['instances']:,} instances, {sizes['tokens']:,} tokens"
        for split, sizes in stats["splits"].items()
    )
    return f"{name}: {'; '.join(splits)}"


def _watched(command: Sequence[str], output: IO[str], progress: Progress | None) -> int:
    """Run a command, showing progress; it does not outlive this process."""
    with subprocess.Popen(
        command,
        stdout=output,
        stderr=subprocess.STDOUT,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one call, no locks
    ) as process:
        try:
            while process.poll() is None:
                time.sleep(0.5)
                if progress:
                    progress.update()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            raise
    if progress:
        progress.update()
        progress.close()
    return int(process.returncode)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one driver at a time work in this folder; the lock of a killed one ends with it."""
    path = Path(".snakemake", "driver.lock")
    path.parent.mkdir(exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise InputError("a run is going on in this folder; wait for it or stop it") from None
    with lock:
        yield


def _die_with_parent() -> None:
    """Ask Linux to end this process when its parent ends, however that happens."""
    set_death_signal = 1
    ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def _unlock(command: Sequence[str], options: Sequence[str]) -> None:
    """Remove the lock that a killed run left behind, unless one is going on."""
    here = Path.cwd()
    if not any((here / ".snakemake" / "locks").glob("*")):
        return
    for process in psutil.process_iter(["pid", "cmdline"]):
        words = process.info["cmdline"] or []
        if (
            process.pid != os.getpid()
            and any("snakemake" in word for word in words[:3])
            and _works_in(process, here)
        ):
            raise InputError(
                f"a run is going on in this folder (process {process.pid}); wait for it or stop it"
            )
    subprocess.run([*command, "--unlock", *options], check=True, capture_output=True)


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()) == folder
    except psutil.Error:  # it ended, or is somebody else's
        return False


def _tail(log: Path, lines: int = 25) -> str:
    return _shown("\n".join(log.read_text(encoding="utf-8").splitlines()[-lines:]))


def _shown(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))
