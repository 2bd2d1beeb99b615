"""Jobs that stop before their time limit and go on from there."""

import json
from datetime import datetime

import pytest
from feasible_al.core.errors import OutOfTime
from feasible_al.stages import deadline

from tests.unit.stages.conftest import ACQUIRE, RANDOM, SUCCESSOR


class FakeTime:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now - 999_000.0  # it starts anywhere


@pytest.fixture
def clock(monkeypatch):
    fake = FakeTime()
    monkeypatch.setattr(deadline, "time", fake)
    return fake


def done(clock, seconds):
    """The steps that were begun, each of which takes its seconds, and whether all were."""
    begun = []
    try:
        for step in deadline.in_time(range(1, len(seconds) + 1)):
            begun.append(step)
            clock.now += seconds[step - 1]
    except OutOfTime:
        return begun, False
    return begun, True


@pytest.mark.parametrize(
    ("limit", "seconds", "begun"),
    [
        (1000, [100] * 9, 8),  # after 8 steps 200 s are left, less than 1.5 x 100 + 60
        (1010, [100] * 9, 9),  # 210 s are left
        (1000, [300, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10], 20),
        (700, [300, 10, 10], 1),  # 400 s are left, and the longest so far counts
        (50, [100, 100], 1),  # the first step is always begun
        (-50, [100, 100], 1),
    ],
)  # fmt: skip
def test_a_step_is_begun_only_when_it_will_end_in_time(clock, monkeypatch, limit, seconds, begun):
    monkeypatch.setenv(deadline.END, f"{clock.now + limit:.0f}")
    found, all_of_them = done(clock, seconds)
    assert found == list(range(1, begun + 1))
    assert all_of_them == (begun == len(seconds))


@pytest.mark.parametrize(("left", "begun"), [(260, 1), (500, 3), (None, 3)])
def test_slurm_is_asked_where_the_environment_says_nothing(clock, monkeypatch, tmp_path, left, begun):
    end = "N/A" if left is None else datetime.fromtimestamp(clock.now + left).isoformat()
    squeue = tmp_path / "squeue"
    squeue.write_text(f'#!/bin/sh\n[ "$*" = "--noheader --format=%e --jobs=7" ] && echo "{end}"\n')
    squeue.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.delenv(deadline.END, raising=False)
    assert len(done(clock, [100] * 3)[0]) == begun


@pytest.mark.parametrize("value", [None, "", "Unknown"])
def test_without_a_limit_every_step_is_begun(clock, monkeypatch, value):
    if value is None:
        monkeypatch.delenv(deadline.END, raising=False)
    else:
        monkeypatch.setenv(deadline.END, value)
    assert done(clock, [1e9] * 3) == ([1, 2, 3], True)


def test_a_job_that_gets_one_step_at_a_time_ends_in_the_same_bytes(small, monkeypatch, capfd):
    undisturbed, stopped = small("undisturbed"), small("stopped")
    jobs = [ACQUIRE, RANDOM, SUCCESSOR]
    for job in jobs:
        monkeypatch.delenv(deadline.END, raising=False)
        assert undisturbed.run(job) == 0
        monkeypatch.setenv(deadline.END, "1")  # long ago
        steps = 3 if job == RANDOM else 4
        capfd.readouterr()
        assert [stopped.run(job) for _ in range(steps)] == [75] * (steps - 1) + [0]
        assert "the same job continues after them when it is started again" in capfd.readouterr().err
        assert stopped.contents(job) == undisturbed.contents(job) != {}
    manifest = json.loads((stopped.folder / ACQUIRE / "manifest.json").read_text())
    assert manifest["attempts"] == 4
    assert manifest["resumed_iterations"] == [2, 3, 4]
    assert not list(stopped.folder.glob("state/*/failure.json"))
