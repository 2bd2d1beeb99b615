"""Timings by phase, and whether other processes use the same processors or GPU meanwhile."""

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

if TYPE_CHECKING:  # only a GPU needs it
    import torch

Phase = Literal["tokenize", "setup", "train", "inference", "sampling", "selection", "evaluate"]
Row = dict[str, int | float | str]
OTHERS_LIMIT = 0.1
STAT = Path("/proc/stat")


class Clock:
    """Collects the rows of ``timings.csv``.

    Attributes:
        rows: a dictionary per timed phase: iteration, phase, seconds, instances, tokens.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self.rows: list[Row] = []
        self._mark = read(device.torch)

    @contextmanager
    def phase(self, iteration: int, phase: Phase, instances: int, tokens: int) -> Iterator[None]:
        """Time a block: what it did, on how many instances and words."""
        self._device.synchronise()
        start = time.perf_counter()
        yield
        self._device.synchronise()
        seconds = round(time.perf_counter() - start, 6)
        size = {"instances": instances, "tokens": tokens}
        self.rows.append({"iteration": iteration, "phase": phase, "seconds": seconds, **size})

    def take(self) -> list[Row]:
        """The rows since the last call."""
        rows, self.rows = self.rows, []
        return rows

    def shared(self) -> bool:
        """Whether others used this process's processors or its GPU since the last call."""
        before, self._mark = self._mark, read(self._device.torch)
        return contended(before, self._mark)


@dataclass(frozen=True)
class Reading:
    """What can be read at one moment.

    Attributes:
        clock: seconds, of the wall clock.
        own: seconds that this process and its children that ended have computed so far, on any processor.
        busy: seconds that each processor has worked so far, for whomever, by its number.
        processors: the numbers of those that this process may run on.
        granted: how many processors' time it may use.
        gpu_shared: whether others have work on its GPU.
    """

    clock: float
    own: float
    busy: Mapping[int, float]
    processors: frozenset[int]
    granted: float
    gpu_shared: bool


def read(device: "torch.device") -> Reading:
    """Read the counters of this moment."""
    own = psutil.Process().cpu_times()
    return Reading(
        clock=time.perf_counter(),
        own=own.user + own.system + own.children_user + own.children_system,
        busy=_busy(),
        processors=processors(),
        granted=granted(),
        gpu_shared=gpu_shared(device),
    )


def contended(before: Reading, now: Reading) -> bool:
    """Whether others took more than a tenth of what is this process's own, or were on its GPU.

    What happens on processors that it may not run on does not count. With a quota of less than all that it
    may run on, others may have the rest.
    """
    if before.gpu_shared or now.gpu_shared:
        return True
    listed = before.busy.keys() & now.busy.keys()
    # A container may count its own processors anew, from 0: then all that it is shown are its own.
    watched = now.processors if now.processors <= listed else listed
    elapsed = now.clock - before.clock
    worked = sum(now.busy[number] - before.busy[number] for number in watched)
    others = worked - (now.own - before.own)
    # All but what it is granted is free for others anyway.
    spare = len(watched) - min(now.granted, len(watched))
    return others > elapsed * (spare + OTHERS_LIMIT * (len(watched) - spare))


def gpu_shared(device: "torch.device") -> bool:
    """Whether NVIDIA's own tool, which asks NVML, sees this process and others on this GPU.

    Where it does not see this process, on a slice of a GPU or from inside a container, nothing is known of
    others either.
    """
    tool = shutil.which("nvidia-smi")
    if device.type != "cuda" or not tool:
        return False
    import torch

    command = [tool, "--query-compute-apps=gpu_uuid,pid", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:  # it does not say
        return False
    uuid = re.escape(str(torch.cuda.get_device_properties(device).uuid))
    found = {int(pid) for pid in re.findall(rf"^GPU-{uuid}, (\d+)\s*$", answer.stdout, re.MULTILINE)}
    own = psutil.Process().pid
    return own in found and found != {own}


def _busy() -> dict[int, float]:
    """Seconds that each processor has worked since the machine started, by its number."""
    times = psutil.cpu_times(percpu=True)
    numbers = list(range(len(times)))
    if sys.platform == "linux":  # those that are switched off are not listed, and leave gaps
        numbers = [int(number) for number in re.findall(r"^cpu(\d+)", STAT.read_text(), re.MULTILINE)]
    return dict(zip(numbers, map(_worked, times), strict=False))


def _worked(times: Any) -> float:
    idle = times.idle + getattr(times, "iowait", 0.0)
    guest = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # counted in user already
    return float(sum(times) - idle - guest)
