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
TOLERATED = 30  # ten times the pool may cost so many times as much: n log n and noise, but not n squared
SECONDS, MEGABYTES = 1.0, 100.0  # below them no growth is judged


def growth(name: str, task: str, largest: int) -> str:
    """Query 100 instances from pools of 1,000 candidates, ten times as many, and so on up to ``largest``.

    Raises:
        Broken: if ten times the pool costs more than thirty times as much, once that is noticeable.
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
    queried(name, pool(name, task, size, BUDGET))  # what is imported or started at first use is not growth
    while size <= largest:
        view = pool(name, task, size, BUDGET)
        tracemalloc.start()  # numpy tells it what it allocates; torch does not
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
    """The most memory that the process has had, in bytes; on Linux getrusage may tell its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
