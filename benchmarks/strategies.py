"""Selection by every query strategy from 120,000 candidates of 384 numbers: seconds, and memory beside them.

The query is 1% of the pool, as in the study; a hundredth of it is labelled. One run of each.
"""

import time
import tracemalloc
from dataclasses import replace

import numpy as np
from feasible_al.strategies import STRATEGIES, PoolView, scores_of
from rich.console import Console
from rich.table import Table

SIZE, FEATURES, CLASSES, LABELLED, QUERY, PASSES = 120_000, 384, 4, 1200, 1200, 10


def main() -> None:
    """Measure and print a table."""
    table = Table(title=f"a query of {QUERY:,} from {SIZE:,} x {FEATURES}")
    for column in ("strategy", "task", "seconds", "peak MB"):
        table.add_column(column, justify="right")
    whole = pool()
    for name, strategy in STRATEGIES.items():
        tracemalloc.start()
        start = time.perf_counter()
        scores_of(name, whole, np.random.default_rng(1))
        seconds, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        table.add_row(name, ", ".join(strategy.tasks), f"{seconds:.1f}", f"{peak / 1e6:.0f}")
    Console().print(table)


def pool() -> PoolView:
    """Candidates with all that any strategy needs; embeddings lie in clusters, as those of texts do."""
    rng = np.random.default_rng(0)
    centres = 2 * rng.standard_normal((50, FEATURES), dtype=np.float32)

    def embedding(count: int) -> np.ndarray:
        found: np.ndarray = centres[rng.integers(0, 50, count)]
        return found + rng.standard_normal((count, FEATURES), dtype=np.float32)

    logits = rng.standard_normal((PASSES, SIZE, CLASSES), dtype=np.float32)
    log_proba = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    view = PoolView(np.arange(SIZE), np.ones(SIZE, dtype=np.int64), np.arange(SIZE + 1), log_proba[0])
    return replace(
        view, embedding=embedding(SIZE), labelled_embedding=embedding(LABELLED), mc_log_proba=log_proba,
        budget=QUERY,
    )  # fmt: skip


if __name__ == "__main__":
    main()
