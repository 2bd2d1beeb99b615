"""What a run left for analysis: curves, times, rankings, and the facts about datasets and students."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from feasible_al.analysis.acquirers import Acquirer
from feasible_al.analysis.test_set import Counts


@dataclass(frozen=True)
class Results:
    """The inputs of a figure or a table; rows of other series and jobs may be absent.

    Attributes:
        curves: rows as in ``tables/curves.csv``.
        timings: rows as in ``tables/timings.csv``.
        overlap: rows as in ``tables/overlap.csv``.
        stats: ``data/<dataset>/stats.json`` by dataset.
        students: ``models/<dataset>/<student>/distillation.json`` by dataset and student.
        peak_memory: megabytes of acquisition jobs, a value per seed.
        counts: what each fit got right on the test set, read when it is asked for, by series, dataset, seed
            and points; see :func:`feasible_al.analysis.test_set.read_counts`.
        missing: folders of jobs that should be among them and are not, with the reason.
    """

    curves: pd.DataFrame
    timings: pd.DataFrame
    overlap: pd.DataFrame
    stats: Mapping[str, Any]
    students: Mapping[tuple[str, str], Any]
    peak_memory: Mapping[Acquirer, Sequence[float]]
    counts: Callable[[str, str, int, tuple[int, ...]], Sequence[Counts]]
    missing: Mapping[Path, str] = field(default_factory=dict)
