"""Killed at random moments and run again: the same bytes as an undisturbed run."""

import random
import signal
import time

import psutil
import pytest

from tests.workflow.conftest import TINY, contents, start

pytestmark = pytest.mark.slow

KILLS = 5


def jobs_below(process: psutil.Process) -> list[psutil.Process]:
    """The training jobs that a driver has started."""
    words = {"acquire", "fit-successor", "fit-full"}
    return [child for child in process.children(recursive=True) if words & set(_command(child))]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_kill_9_of_driver_and_job_loses_and_changes_nothing(tiny_run, tmp_path):
    chance = random.Random(20)
    kills = 0
    for number in range(40):
        process = start(tmp_path, TINY)
        victim = None
        if kills < KILLS:
            moment = time.monotonic() + chance.uniform(6, 16)
            while process.poll() is None and (time.monotonic() < moment or victim is None):
                driver = psutil.Process(process.pid)
                victim = driver if number % 2 == 0 else next(iter(jobs_below(driver)), None)
                time.sleep(0.2)
            if process.poll() is None and victim is not None and victim.is_running():
                victim.send_signal(signal.SIGKILL)
                kills += 1
        output, _ = process.communicate(timeout=600)
        if process.returncode == 0:
            break
    assert process.returncode == 0, output
    assert kills == KILLS
    assert contents(tmp_path) == contents(tiny_run)
