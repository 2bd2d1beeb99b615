"""Who disturbs a fit: others on its own processors or its own GPU, and nobody else."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import torch
from feasible_al.cli import main
from feasible_al.commands import run as driver
from feasible_al.commands.narrow import Part
from feasible_al.core import machine
from feasible_al.engine import clock
from feasible_al.engine.clock import Reading, contended
from feasible_al.estimate.rates import Speed

ROOT = Path(__file__).parents[2]
CPU, GPU = torch.device("cpu"), torch.device("cuda")
NODE = range(64)


def nothing_yet(processors, granted=None, listed=NODE):
    granted = len(processors) if granted is None else granted
    return Reading(0.0, 0.0, dict.fromkeys(listed, 0.0), frozenset(processors), granted, gpu_shared=False)


def after(before, seconds, own, busy):
    """``busy`` has the shares of the time that processors worked, for whomever."""
    worked = {number: before.busy[number] + seconds * busy.get(number, 0.0) for number in before.busy}
    return replace(before, clock=before.clock + seconds, own=before.own + own, busy=worked)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({}, False),
        (dict.fromkeys(range(8, 64), 1.0), False),  # everybody else's processors
        (dict.fromkeys(range(4, 8), 0.08), False),
        ({5: 0.3}, False),  # 0.3 of 4
        ({5: 0.5}, True),
        (dict.fromkeys(range(4, 64), 0.2), True),
    ],
)
def test_only_the_processors_of_the_jobs_own_count(others, expected):
    before = nothing_yet(processors=range(4, 8))
    busy = dict(others)
    for number in (4, 6, 7):  # its own three threads
        busy[number] = min(1.0, busy.get(number, 0.0) + 0.5)
    assert contended(before, after(before, 20, own=3 * 0.5 * 20, busy=busy)) is expected


@pytest.mark.parametrize(("others", "expected"), [(0.3, False), (0.5, True)])
def test_on_a_machine_of_ones_own_everybody_counts(others, expected):
    before = nothing_yet(processors=range(4), listed=range(4))
    busy = {0: 1.0, 1: 1.0, 2: others}
    assert contended(before, after(before, 10, own=20, busy=busy)) is expected


@pytest.mark.parametrize(("others", "expected"), [(50, False), (56, False), (57, True)])
def test_with_a_quota_others_may_have_the_rest(others, expected):
    # 8 of 64: 56 are free for others, and a tenth of the 8.
    before = nothing_yet(processors=NODE, granted=8)
    busy = dict.fromkeys(range(others), 1.0)
    assert contended(before, after(before, 10, own=0, busy=busy)) is expected


def test_a_container_that_counts_its_processors_anew_shows_only_its_own():
    before = nothing_yet(processors=range(8, 12), listed=range(4))
    assert not contended(before, after(before, 10, own=40, busy=dict.fromkeys(range(4), 1.0)))
    assert contended(before, after(before, 10, own=10, busy=dict.fromkeys(range(4), 1.0)))


def test_what_happened_before_an_iteration_is_not_its_own():
    before = nothing_yet(processors=range(4))
    disturbed = after(before, 10, own=10, busy={0: 1.0, 1: 1.0})
    assert contended(before, disturbed)
    assert not contended(disturbed, after(disturbed, 10, own=10, busy={0: 1.0}))


def test_processors_that_are_switched_off_leave_gaps(monkeypatch, tmp_path):
    times = psutil.cpu_times(percpu=True)[:1] * 3
    monkeypatch.setattr(clock, "STAT", tmp_path / "stat")
    (tmp_path / "stat").write_text("cpu  9 9\ncpu0 1 1\ncpu4 1 1\ncpu8 1 1\nintr 5\n")
    monkeypatch.setattr(psutil, "cpu_times", lambda percpu: times)
    assert set(clock.read(CPU).busy) == {0, 4, 8}


# Bound before the first thread begins, as a scheduler binds a job.
PINNED = """
import os, sys, time
own, others = int(sys.argv[1]), int(sys.argv[2])
os.sched_setaffinity(0, {own})
import subprocess
from dataclasses import replace
from types import SimpleNamespace
from feasible_al.engine.clock import contended, read

cpu = SimpleNamespace(type="cpu")
spin = f"import os; os.sched_setaffinity(0, {{{others}}}); print(flush=True)\\nwhile True: pass"
with subprocess.Popen([sys.executable, "-c", spin], stdout=subprocess.PIPE) as neighbour:
    neighbour.stdout.readline()
    before = read(cpu)
    time.sleep(0.5)
    now = read(cpu)
    neighbour.kill()
assert before.processors == {own}, before
assert now.busy[others] - before.busy[others] > 0.3
alone = replace(now, busy=now.busy | {own: before.busy[own]})  # without others who may be here too
print(contended(before, now if own == others else alone))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are bound to processors on Linux")
@pytest.mark.parametrize("inside", [True, False])
def test_a_busy_neighbour_counts_where_the_job_may_run(inside):
    mine, *others = sorted(os.sched_getaffinity(0))
    if not inside and not others:
        pytest.skip("there is one processor")
    answer = subprocess.run(
        [sys.executable, "-c", PINNED, str(mine), str(mine if inside else others[0])],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert answer.stdout.split() == [str(inside)], answer.stderr


def test_a_process_whose_threads_are_bound_apart_has_all_their_processors(monkeypatch):
    bound = {1: {0}, 2: {1}, 3: {2, 3}}

    def affinity(thread):
        if thread == 4:  # it has ended
            raise ProcessLookupError
        return bound[thread]

    threads = [SimpleNamespace(id=number) for number in (*bound, 4)]
    monkeypatch.setattr(psutil, "Process", lambda: SimpleNamespace(threads=lambda: threads))
    monkeypatch.setattr(os, "sched_getaffinity", affinity)
    assert machine.processors() == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("limit", "expected"), [(None, 4), ("max 100000", 4), ("150000 100000", 1.5), ("900000 100000", 4)]
)
def test_a_quota_grants_less_than_all_processors(monkeypatch, tmp_path, limit, expected):
    monkeypatch.setattr(machine, "processors", lambda: frozenset(range(4)))
    monkeypatch.setattr(machine, "QUOTA", tmp_path / "cpu.max")
    if limit:
        (tmp_path / "cpu.max").write_text(f"{limit}\n")
    assert machine.granted() == expected


@pytest.mark.parametrize(("share", "threads"), [(8, 8), (2.5, 2), (0.5, 1)])
def test_a_run_and_a_calibration_use_what_is_granted(monkeypatch, tmp_path, share, threads):
    called, opened = [], []
    monkeypatch.setattr(machine, "granted", lambda: share)
    monkeypatch.setattr(driver, "watch", lambda command, *_: called.append(command) or 1)
    monkeypatch.setattr(
        "feasible_al.estimate.speed.speed_of",
        lambda _, threads: opened.append(threads) or (Speed.assumed(1e9), "float32"),
    )
    monkeypatch.setattr(
        "feasible_al.estimate.speed.calibrated_speed_of",
        lambda _, threads: opened.append(threads) or Speed.assumed(1e9),
    )
    config = tmp_path / "run.yaml"
    config.write_text((ROOT / "configs" / "tiny.yaml").read_text())
    assert driver.run([config], Part(), None, 1) == 1
    assert main(["plan", "--calibrate", str(config)]) == 0
    (options,) = called  # one start
    assert (
        options[options.index("--cores") + 1] == options[options.index("--max-threads") + 1] == str(threads)
    )
    assert opened == [threads, threads]


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        (
            "processor : 0\nmodel name\t: AMD EPYC 7B13\nprocessor : 1\nmodel name\t: AMD EPYC 7B13\n",
            "AMD EPYC 7B13",
        ),
        ("processor : 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd4f\n", "aarch64 0x41 0xd4f"),
        ("processor : 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n", "aarch64 0x41 0xd0c"),
        ("", "aarch64"),
    ],
)
def test_two_models_of_a_processor_have_two_names(monkeypatch, tmp_path, cpuinfo, expected):
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr("platform.processor", lambda: "aarch64")
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    assert machine.cpu_name() == expected


UUID, OTHER = "4bd8ffc0-7cc4-5a96-3c04-0f2ab7ad0b7f", "b0a2ea77-1d0e-4a0a-9b5a-8c1f0c8a0b7f"
OWN = os.getpid()


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([(UUID, OWN)], False),
        ([(UUID, OWN), (UUID, 1)], True),
        ([(UUID, OWN), (OTHER, 1)], False),  # another GPU of the node
        ([(UUID, 17)], False),  # a container, or a slice: what it says is of other numbers
        ([(OTHER, OWN), (UUID, 17)], False),
        ([(UUID, OWN), (UUID, "[Insufficient Permissions]")], False),
        ([("No running processes found", "")], False),
        ([], False),
    ],
)
def test_others_on_the_same_gpu_disturb_where_nvml_can_say(monkeypatch, tmp_path, listed, expected):
    said = "".join(f"GPU-{gpu}, {process}\\n" for gpu, process in listed)
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\nprintf '{said}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(uuid=UUID))
    assert clock.gpu_shared(GPU) is expected
    assert not clock.gpu_shared(CPU)
    calm = nothing_yet(processors=NODE)
    assert contended(calm, replace(calm, clock=1.0, gpu_shared=expected)) is expected


def test_without_nvidias_tool_nothing_is_said_of_a_gpu(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not clock.gpu_shared(GPU)


def test_a_tool_that_hangs_says_nothing(monkeypatch):
    def hang(*_, **__):
        raise subprocess.TimeoutExpired("nvidia-smi", 60)

    monkeypatch.setattr(clock.shutil, "which", lambda _: "/usr/bin/nvidia-smi")
    monkeypatch.setattr(clock.subprocess, "run", hang)
    assert not clock.gpu_shared(GPU)


def test_a_clock_judges_from_call_to_call(monkeypatch):
    from feasible_al.engine.clock import Clock

    quiet = nothing_yet(processors=range(4))
    loud = after(quiet, 10, own=0, busy={0: 1.0})
    readings = iter([quiet, loud, after(loud, 10, own=0, busy={9: 1.0})])
    monkeypatch.setattr("feasible_al.engine.clock.read", lambda _: next(readings))
    watch = Clock(SimpleNamespace(torch=CPU))
    assert [watch.conditions()["shared"] for _ in range(2)] == [True, False]


def test_instructions_tell_processors_of_one_name_apart(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(machine.sys, "platform", "linux")
    assert machine.instructions() == ""
    line = "flags\t\t: fpu avx512f sse2 amx_bf16 avx2 fma\n"
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\n{line}processor\t: 1\n{line}")
    assert machine.instructions() == "amx_bf16 avx2 avx512f fma"
    assert machine.machine()["instructions"] == machine.instructions()
