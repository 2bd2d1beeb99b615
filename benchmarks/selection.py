"""Ranking, UPS draws and budget selection on up to a million scores: seconds, and memory beside the pool."""

import statistics
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
from feasible_al.strategies import ranking, take
from feasible_al.subsampling import enough, keep
from feasible_al.subsampling.ups import Ups
from rich.console import Console
from rich.table import Table

SIZES, ROUNDS = (10_000, 100_000, 1_000_000), 5
RULE = Ups(kind="ups", gamma=0.1, temperature=0.01)


def main() -> None:
    """Measure and print a table."""
    table = Table(title=f"selection, medians of {ROUNDS}")
    for column in ("pool", "step", "seconds", "peak bytes per candidate"):
        table.add_column(column, justify="right")
    for size in SIZES:
        for name, step in steps(size).items():
            table.add_row(f"{size:,}", name, f"{seconds(step):.3f}", f"{peak_bytes(step) / size:.0f}")
    Console().print(table)


def steps(size: int) -> dict[str, Callable[[], object]]:
    """The three steps on a pool of scores with ties."""
    rng = np.random.default_rng(0)
    ids, scores = rng.permutation(size), rng.random(size).round(5)
    tokens = rng.integers(1, 40, size)
    order = ranking(ids, scores, rng)
    kept, _ = keep(RULE, ids, scores, rng, rng)
    budget = int(0.02 * tokens.sum())
    return {
        "ranking": lambda: ranking(ids, scores, np.random.default_rng(1)),
        "UPS": lambda: keep(RULE, ids, scores, np.random.default_rng(1), np.random.default_rng(2)),
        "guard": lambda: enough(kept, order, budget, tokens),
        "budget": lambda: take(order, budget, tokens),
    }


def seconds(step: Callable[[], object]) -> float:
    """Median time of a step."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def peak_bytes(step: Callable[[], object]) -> int:
    """What a step allocates beyond what is there, at its peak (numpy tells tracemalloc)."""
    tracemalloc.start()
    step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


if __name__ == "__main__":
    main()
