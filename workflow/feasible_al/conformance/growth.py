"""How time and memory of a query grow with the pool."""

import resource
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import psutil

from feasible_al.conformance.checks import Broken
from feasible_al.conformance.pools import pool, queried

SMALLEST, STEP, BUDGET = 1_000, 10, 100
TOLERATED = 30  # so many times as much for ten times the pool: allows n log n and noise, but not n squared
SECONDS, MEGABYTES = 1.0, 100.0  # smaller values are not compared


def growth(name: str, task: str, largest: int) -> str:
    """Query 100 instances from pools of 1,000 candidates, ten times as many, and so on up to ``largest``.

    Raises:
        Broken: if ten times the pool costs over thirty times as much, and more than 1 second or 100 MB.
    """
    found, before = "", (0.0, 0.0)
    for size, megabytes, seconds in _measured(name, task, largest):
        found = f"{size:,} in {seconds:.1f} s and {megabytes:.0f} MB"
        for now, then, least, unit in zip(
            (megabytes, seconds), before, (MEGABYTES, SECONDS), ("MB", "seconds"), strict=True
        ):
            if then and now > max(least, TOLERATED * then):
                raise Broken(f"{found}: {now / then:.0f} times the {unit} of {size // STEP:,}")
        before = megabytes, seconds
    return found


def _measured(name: str, task: str, largest: int) -> Iterator[tuple[int, float, float]]:
    size = SMALLEST
    queried(name, pool(name, task, size, BUDGET))  # so that imports at first use are not measured
    while size <= largest:
        view = pool(name, task, size, BUDGET)
        tracemalloc.start()  # sees what numpy allocates, but not torch
        try:
            resident, mark = psutil.Process().memory_info().rss, _highest()
            start = time.perf_counter()
            queried(name, view)
            seconds = time.perf_counter() - start
            traced = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        highest = _highest()
        yield size, max(traced, highest - resident if highest > mark else 0) / 1e6, seconds
        size *= STEP


def _highest() -> int:
    """The peak memory of the process, in bytes; on Linux getrusage may give that of its parent."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
