"""Killed at random moments, driver and others in turn: the same files, to the byte, and never a torn one."""

import random
import time

import psutil
import pytest

from tests.workflow.little import assert_same, assert_whole, start

pytestmark = pytest.mark.slow

KILLS = 8


VICTIMS = ("driver", "client", "job", "server")


def processes_of(driver: psutil.Process) -> dict[str, psutil.Process]:
    """A driver and one process of each sort that works for it; its jobs are forked by a server."""
    found = {"driver": driver}
    try:
        for process in driver.children(recursive=True):
            words = process.cmdline()
            if "feasible_al.forking" in words:
                found["client"] = process
            elif "feasible_al.forking.server" in words:
                found["server" if process.ppid() == driver.pid else "job"] = process
    except psutil.Error:  # one ended meanwhile
        return {}
    return found


def strike(pid: int, seconds: float, victim: str) -> bool:
    """Kill a process of a driver some seconds after its first job began; False if the run ends before."""
    driver = psutil.Process(pid)
    moment = float("inf")
    while driver.is_running() and driver.status() != psutil.STATUS_ZOMBIE:
        processes = processes_of(driver)
        if "job" in processes:
            moment = min(moment, time.monotonic() + seconds)
        if time.monotonic() > moment and victim in processes:
            try:
                processes[victim].kill()
            except psutil.NoSuchProcess:
                continue
            return True
        time.sleep(0.02)
    return False


def test_kills_lose_nothing_and_change_nothing(little_run, tmp_path):
    chance = random.Random(20)
    kills, seen, folder = 0, 0, tmp_path / "0"
    folder.mkdir()
    for number in range(1, 4 * KILLS):
        process = start(folder)
        if kills < KILLS and strike(process.pid, chance.uniform(0, 5), VICTIMS[kills % len(VICTIMS)]):
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
