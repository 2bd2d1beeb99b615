"""Timings by phase, and whether other processes used the same processors or GPU at the same time."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import psutil

from feasible_al.core.machine import granted, processors
from feasible_al.engine.device import Device
from feasible_al.engine.nvml import joules

if TYPE_CHECKING:  # only a GPU needs it
    import torch

Phase = Literal["tokenize", "setup", "train", "inference", "sampling", "selection", "evaluate"]
Row = dict[str, int | float | str]
OTHERS_LIMIT = 0.1
STAT = Path("/proc/stat")


class Clock:
    """Measures phases and collects the rows of ``timings.csv``.

    Attributes:
        rows: one dictionary per timed phase: iteration, phase, seconds, instances, tokens.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self.rows: list[Row] = []
        self._last = read(device.torch)

    @contextmanager
    def phase(self, iteration: int, phase: Phase, instances: int, tokens: int) -> Iterator[None]:
        """Time a ``with`` block; the device is synchronised before and after."""
        self._device.synchronise()
        start = time.perf_counter()
        yield
        self._device.synchronise()
        seconds = round(time.perf_counter() - start, 6)
        size = {"instances": instances, "tokens": tokens}
        self.rows.append({"iteration": iteration, "phase": phase, "seconds": seconds, **size})

    def take(self) -> list[Row]:
        """The rows since the last call; they are removed."""
        rows, self.rows = self.rows, []
        return rows

    def conditions(self) -> dict[str, bool | float | None]:
        """What there was to know since the last call.

        ``shared``: whether other processes used this process's processors or its GPU; ``joules``: the energy
        that the whole GPU used, or None where that is unknown or others were seen on it.
        """
        before, self._last = self._last, read(self._device.torch)
        start, end = before.joules, self._last.joules
        alone = not (before.gpu_shared or self._last.gpu_shared)
        used = round(end - start, 3) if alone and start is not None and end is not None else None
        return {"shared": contended(before, self._last), "joules": used}


@dataclass(frozen=True)
class Reading:
    """The counters at one moment.

    Attributes:
        clock: seconds of the wall clock.
        own: processor seconds that this process and its finished children have used so far.
        busy: seconds that each processor has worked so far, for any process, by the processor's number.
        processors: the numbers of the processors that this process may run on.
        granted: the processor time per second that this process may use.
        gpu_shared: whether other processes use its GPU.
        joules: the energy that the GPU has used so far; None where that is unknown.
    """

    clock: float
    own: float
    busy: Mapping[int, float]
    processors: frozenset[int]
    granted: float
    gpu_shared: bool
    joules: float | None = None


def read(device: "torch.device") -> Reading:
    """Read the counters now."""
    own = psutil.Process().cpu_times()
    return Reading(
        clock=time.perf_counter(),
        own=own.user + own.system + own.children_user + own.children_system,
        busy=_busy(),
        processors=processors(),
        granted=granted(),
        gpu_shared=gpu_shared(device),
        joules=joules(device),
    )


def contended(before: Reading, now: Reading) -> bool:
    """Whether other processes used more than a tenth of this process's processor time, or its GPU.

    Processors that it may not run on do not count. If a quota grants it less than all of its processors,
    others may use the rest.
    """
    if before.gpu_shared or now.gpu_shared:
        return True
    listed = before.busy.keys() & now.busy.keys()
    # A container may number its own processors from 0; then it does not list the others.
    watched = now.processors if now.processors <= listed else listed
    elapsed = now.clock - before.clock
    worked = sum(now.busy[number] - before.busy[number] for number in watched)
    others = worked - (now.own - before.own)
    # Other processes may use the time that this one is not granted.
    spare = len(watched) - min(now.granted, len(watched))
    return others > elapsed * (spare + OTHERS_LIMIT * (len(watched) - spare))


def gpu_shared(device: "torch.device") -> bool:
    """Whether ``nvidia-smi`` lists both this process and others on this GPU.

    Where it does not list this process (on a slice of a GPU, inside a container), others cannot be seen
    either, and the answer is False.
    """
    tool = shutil.which("nvidia-smi")
    if device.type != "cuda" or not tool:
        return False
    import torch

    command = [tool, "--query-compute-apps=gpu_uuid,pid", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:  # unknown
        return False
    uuid = re.escape(str(torch.cuda.get_device_properties(device).uuid))
    found = {int(pid) for pid in re.findall(rf"^GPU-{uuid}, (\d+)\s*$", answer.stdout, re.MULTILINE)}
    own = psutil.Process().pid
    return own in found and found != {own}


def _busy() -> dict[int, float]:
    """Seconds that each processor has worked since the machine started, by its number."""
    times = psutil.cpu_times(percpu=True)
    numbers = list(range(len(times)))
    if sys.platform == "linux":  # processors that are switched off are not listed, so numbers have gaps
        numbers = [int(number) for number in re.findall(r"^cpu(\d+)", STAT.read_text(), re.MULTILINE)]
    return dict(zip(numbers, map(_worked, times), strict=False))


def _worked(times: Any) -> float:
    idle = times.idle + getattr(times, "iowait", 0.0)
    guest = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # already part of user
    return float(sum(times) - idle - guest)
