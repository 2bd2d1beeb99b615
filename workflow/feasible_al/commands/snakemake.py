"""Run Snakemake as a child process: one run at a time in a folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil
from filelock import FileLock, Timeout

from feasible_al.commands.announcement import Announcement
from feasible_al.core.errors import InputError
from feasible_al.core.processes import die_with_parent
from feasible_al.core.repository import ROOT


def snakemake(
    configs: Sequence[Path], cores: int, narrowing: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """The command that runs the workflow, and its options; targets go between them."""
    # Files of the working folder cannot hide modules, and the user's own profiles are not used.
    command = [sys.executable, "-P", "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    options = ["--profile", "none", "--workflow-profile", str(ROOT / "profiles" / "default")]
    return command, [*options, "--configfile", *map(str, configs), *narrowing, "--cores", str(cores)]


def watch(command: Sequence[str], output: IO[str], shown: Announcement | None) -> int:
    """Run a command, announce it and show its progress; return its exit code.

    On Linux, the command is killed when this process ends.
    """
    with subprocess.Popen(
        command,
        stdout=output,
        stderr=subprocess.STDOUT,
        preexec_fn=die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one call, no locks
    ) as process:
        try:
            while process.poll() is None:
                time.sleep(0.5)
                if shown:
                    shown.update()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            raise
    if shown:
        shown.update()
        shown.close()
    return int(process.returncode)


@contextmanager
def folder_lock() -> Iterator[None]:
    """Hold the lock of the working directory; the operating system frees it when this process ends.

    Raises:
        InputError: if another run holds it.
    """
    path = Path(".snakemake", "driver.lock")
    path.parent.mkdir(exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise InputError("a run is going on in this folder; wait for it or stop it") from None
    with lock:
        yield


def unlock(command: Sequence[str], options: Sequence[str]) -> None:
    """Remove the lock of Snakemake that a killed run left in the working directory.

    Raises:
        InputError: if a run is still going on there.
    """
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
    except psutil.Error:  # it ended, or belongs to another user
        return False
