"""Timings by phase, with the device synchronised, and others who use it watched."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from feasible_al.engine.contention import contended, read
from feasible_al.engine.device import Device

Phase = Literal["tokenize", "setup", "train", "inference", "sampling", "selection", "evaluate"]
Row = dict[str, int | float | str]


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
