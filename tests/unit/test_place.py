"""Jobs at once: processors and a GPU of its own for each."""

import os
import sys
from contextlib import ExitStack

import pytest
import torch
from feasible_al.stages.place import PLACES, own_place, places


@pytest.fixture
def machine_with(monkeypatch):
    """A machine with 5 processors and so many GPUs, of which a variable may show a part; what was bound."""
    bound = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {9, 4, 5, 6, 7}, raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", lambda _, own: bound.append(own), raising=False)
    monkeypatch.setattr(sys, "platform", "linux")

    def made(gpus: int, shown: str | None) -> list[list[int]]:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown or "")
        if shown is None:
            monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
        monkeypatch.setattr(torch.cuda, "device_count", lambda: len(shown.split(",")) if shown else gpus)
        return bound

    return made


@pytest.mark.parametrize(
    ("shown", "expected"), [(None, ["0", "1", "0", "1"]), ("3,GPU-8f", ["3", "GPU-8f", "3", "GPU-8f"])]
)
def test_jobs_take_processors_and_gpus_in_turn(machine_with, shown, expected):
    taken = []
    with places(at_once=4):
        with ExitStack() as jobs:
            for _ in expected:
                bound = machine_with(2, shown)  # each job starts with the environment of the run
                jobs.enter_context(own_place(2, cpu_only=False))
                taken.append(os.environ["CUDA_VISIBLE_DEVICES"])
        assert taken == expected
        assert bound == [[4, 5], [6, 7]]  # the last two jobs share what there is
        machine_with(2, shown)
        with own_place(2, cpu_only=False):  # the first place is free again
            assert os.environ["CUDA_VISIBLE_DEVICES"] == expected[0]
    assert bound[2:] == [[4, 5]]
    assert PLACES not in os.environ


@pytest.mark.parametrize(
    ("gpus", "shown", "cpu_only"), [(0, None, False), (1, None, False), (4, "2", False), (4, None, True)]
)
def test_one_gpu_or_none_or_an_unwanted_one_is_left_as_it_is(machine_with, gpus, shown, cpu_only):
    machine_with(gpus, shown)
    with places(at_once=2), own_place(1, cpu_only=cpu_only):
        assert os.environ.get("CUDA_VISIBLE_DEVICES") == shown


def test_one_job_at_a_time_has_everything(machine_with):
    bound = machine_with(4, None)
    with places(at_once=1), own_place(2, cpu_only=False):
        assert "CUDA_VISIBLE_DEVICES" not in os.environ
    assert bound == []
