"""Timings by phase, with the device synchronised and the rest of the machine watched."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import psutil

from feasible_al.engine.device import Device

Phase = Literal["tokenize", "setup", "train", "inference", "sampling", "selection", "evaluate"]
Row = dict[str, int | float | str]
OTHERS_LIMIT = 0.1


class Clock:
    """Collects the rows of ``timings.csv``.

    Attributes:
        rows: a dictionary per timed phase: iteration, phase, seconds, instances, tokens.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self.rows: list[Row] = []
        self._mark = _usage()

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
        """Whether other processes used more than a tenth of the processors since the last call."""
        before, self._mark = self._mark, _usage()
        elapsed, own, busy = (now - then for now, then in zip(self._mark, before, strict=True))
        return elapsed > 0 and (busy - own) / (elapsed * (psutil.cpu_count() or 1)) > OTHERS_LIMIT


def _usage() -> tuple[float, float, float]:
    """Seconds: wall clock, this process on any processor, all processes on all processors."""
    machine = psutil.cpu_times()
    own = psutil.Process().cpu_times()
    idle = machine.idle + getattr(machine, "iowait", 0.0)
    guest = getattr(machine, "guest", 0.0) + getattr(machine, "guest_nice", 0.0)  # counted in user already
    return time.perf_counter(), own.user + own.system, sum(machine) - idle - guest
