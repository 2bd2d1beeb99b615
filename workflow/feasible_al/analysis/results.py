"""What a finished run left for analysis: the tidy tables, and the facts about datasets and students."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from feasible_al.analysis.acquirers import Acquirer
from feasible_al.analysis.names import datasets_run
from feasible_al.columns import CURVES, OVERLAP, TIMINGS, read_checked
from feasible_al.config.jobs import Prepare, jobs_of
from feasible_al.config.schema import Config
from feasible_al.errors import InputError
from feasible_al.io import read_json

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
    """

    curves: pd.DataFrame
    timings: pd.DataFrame
    overlap: pd.DataFrame
    stats: Mapping[str, Any]
    students: Mapping[tuple[str, str], Any]
    peak_memory: Mapping[Acquirer, Sequence[float]]


def read_results(config: Config, run_folder: Path) -> Results:
    """Read the results of a run whose collect stage is done."""
    return Results(
        curves=read_checked(run_folder / "tables" / "curves.csv", CURVES, REMEDY),
        timings=read_checked(run_folder / "tables" / "timings.csv", TIMINGS, REMEDY),
        overlap=read_checked(run_folder / "tables" / "overlap.csv", OVERLAP, REMEDY),
        stats={
            name: read_facts(run_folder / Prepare(name).folder / "stats.json")
            for name in datasets_run(config)
        },
        students={
            (job.dataset, job.model): read_facts(run_folder / job.folder / "distillation.json")
            for job in jobs_of(config).students
        },
        peak_memory=_peak_memory(config, run_folder),
    )


def _peak_memory(config: Config, run_folder: Path) -> Mapping[Acquirer, Sequence[float]]:
    found: dict[Acquirer, list[float]] = defaultdict(list)
    for job in jobs_of(config).trajectories:
        if job.acquisition != "none":
            path = run_folder / job.folder / "manifest.json"
            try:
                megabytes = float(read_facts(path)["peak_memory_mb"])
            except (KeyError, TypeError) as error:
                raise InputError(f"lacks {error}; run the job {job.folder} again", str(path)) from error
            found[Acquirer(job.dataset, job.acquisition, job.strategy, job.subsampling)].append(megabytes)
    return found


def read_facts(path: Path) -> Any:
    """The value of a stage's JSON file.

    Raises:
        InputError: if the file is absent or torn; names the job to run again.
    """
    try:
        return read_json(path)
    except (FileNotFoundError, ValueError) as error:
        raise InputError(
            f"absent or not whole ({error}); run the job {path.parent} again", str(path)
        ) from error
