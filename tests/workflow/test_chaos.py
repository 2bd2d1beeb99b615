"""Killed at random moments, driver and job in turn: the same files, to the byte, and never a torn one."""

import random
import time

import psutil
import pytest

from tests.workflow.little import assert_same, assert_whole, start

pytestmark = pytest.mark.slow

KILLS = 20


def jobs_below(driver: psutil.Process) -> list[psutil.Process]:
    """The jobs that a driver has started and that are running."""
    try:
        return [child for child in driver.children(recursive=True) if "feasible_al.cli" in child.cmdline()]
    except psutil.Error:  # one ended meanwhile
        return []


def strike(pid: int, seconds: float, *, driver: bool) -> bool:
    """Kill a driver or one of its jobs, some seconds after its first job began; False if it ends before."""
    process = psutil.Process(pid)
    moment = float("inf")
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        jobs = jobs_below(process)
        if jobs:
            moment = min(moment, time.monotonic() + seconds)
        if time.monotonic() > moment and (driver or jobs):
            victim = process if driver else jobs[0]
            try:
                victim.kill()
            except psutil.NoSuchProcess:
                continue
            return True
        time.sleep(0.02)
    return False


def test_kills_of_driver_and_job_lose_nothing_and_change_nothing(little_run, tmp_path):
    chance = random.Random(20)
    kills, seen, folder = 0, 0, tmp_path / "0"
    folder.mkdir()
    for number in range(1, 4 * KILLS):
        process = start(folder)
        if kills < KILLS and strike(process.pid, chance.uniform(0, 5), driver=kills % 2 == 0):
            kills += 1
            seen += assert_whole(folder, little_run)
        output, _ = process.communicate(timeout=600)
        if process.returncode == 0:
            assert_same(folder, little_run)
            if kills == KILLS:
                break
            folder = tmp_path / str(number)  # it was done before the kills were
            folder.mkdir()
    assert process.returncode == 0, output
    assert kills == KILLS
    assert seen
