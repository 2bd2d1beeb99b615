"""What a finished run left for analysis: the tidy tables, and the facts about datasets and students."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from feasible_al.analysis.acquirers import Acquirer
from feasible_al.analysis.names import datasets_run
from feasible_al.analysis.test_set import Counts, read_counts
from feasible_al.columns import CURVES, OVERLAP, TIMINGS, read_checked
from feasible_al.config.jobs import Distill, Prepare, jobs_of
from feasible_al.config.schema import Config
from feasible_al.integrity import result_of, verify
from feasible_al.io import read_json
from feasible_al.tidy import verify_tables

REMEDY = "run the collect stage again"


@dataclass(frozen=True)
class Results:
    """The inputs of every figure and table.

    Attributes:
        curves: ``tables/curves.csv``.
        timings: ``tables/timings.csv``.
        overlap: ``tables/overlap.csv``.
        stats: ``data/<dataset>/stats.json`` by dataset.
        students: ``models/<dataset>/<student>/distillation.json`` by dataset and student.
        peak_memory: megabytes of acquisition jobs, a value per seed.
        counts: what each fit got right on the test set, read when it is asked for, by series, dataset, seed
            and points; see :func:`feasible_al.analysis.test_set.read_counts`.
    """

    curves: pd.DataFrame
    timings: pd.DataFrame
    overlap: pd.DataFrame
    stats: Mapping[str, Any]
    students: Mapping[tuple[str, str], Any]
    peak_memory: Mapping[Acquirer, Sequence[float]]
    counts: Callable[[str, str, int, tuple[int, ...]], Sequence[Counts]]


def read_results(config: Config, run_folder: Path) -> Results:
    """Read the results of a run whose collect stage is done.

    Raises:
        InputError: if a file is absent, torn, changed or of another config; names it and what makes it anew.
    """
    verify_tables(config, run_folder)
    return Results(
        curves=read_checked(run_folder / "tables" / "curves.csv", CURVES, REMEDY),
        timings=read_checked(run_folder / "tables" / "timings.csv", TIMINGS, REMEDY),
        overlap=read_checked(run_folder / "tables" / "overlap.csv", OVERLAP, REMEDY),
        stats={
            name: verify(config, result_of(Prepare(name)), run_folder, []) for name in datasets_run(config)
        },
        students={
            (job.dataset, job.model): _distillation(config, job, run_folder)
            for job in jobs_of(config).students
        },
        peak_memory=_peak_memory(config, run_folder),
        counts=lru_cache(maxsize=64)(partial(read_counts, config, run_folder)),
    )


def _peak_memory(config: Config, run_folder: Path) -> Mapping[Acquirer, Sequence[float]]:
    found: dict[Acquirer, list[float]] = defaultdict(list)
    for job in jobs_of(config).trajectories:
        if job.acquisition != "none":
            megabytes = float(verify(config, result_of(job), run_folder, [])["peak_memory_mb"])
            found[Acquirer(job.dataset, job.acquisition, job.strategy, job.subsampling)].append(megabytes)
    return found


def _distillation(config: Config, job: Distill, run_folder: Path) -> Any:
    verify(config, result_of(job), run_folder, ["distillation.json"])
    return read_json(run_folder / job.folder / "distillation.json")
