"""The rows that single jobs wrote, checked, for the tidy tables and for figures, tables and the report."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import Facts, read_json
from feasible_al.data.store import COLUMNS
from feasible_al.jobs import Acquire, Distill, Encode, Full, Job, Prepare, Successor
from feasible_al.results.columns import (
    METRICS,
    PHASES,
    QUERIES,
    SCORES,
    Columns,
    frame_of_rows,
    read_parquet_checked,
    read_rows,
)
from feasible_al.results.integrity import MACHINE_FACTS, Result, remedy_of, result_of, results, verify
from feasible_al.results.overlap import overlap

Fitted = Distill | Encode | Acquire | Successor | Full
Row = dict[str, Any]
MACHINE_COLUMNS = {fact: fact for fact in MACHINE_FACTS} | {"cpu": "processor"}
"""The keys of a manifest that say where a job ran, and the columns of the table of times that hold them."""
DISTURBANCES = ("exclusive", "shared_iterations", "resumed_iterations")


def scores_of(config: Config, run_folder: Path, job: Fitted, known: Row) -> Iterator[Row]:
    """The curve rows of one job."""
    size = _training_size(config, run_folder, known["dataset"])
    block = config.datasets[known["dataset"]]
    counted = "labelled_tokens" if block.task == "tagging" else "labelled_instances"
    for result in results(job):
        manifest = verify(config, result, run_folder, ["metrics.csv"])
        pseudo = _fact(manifest, "pseudo_instances", result, run_folder) if isinstance(job, Successor) else 0
        rows = _rows(result, run_folder, "metrics.csv", METRICS)
        points = _points(config, result.job)
        if [row["point"] for row in rows if row["metric"] == block.shown_metric] != points:
            where = str(run_folder / result.folder / "metrics.csv")
            raise InputError(f"not the points {points}; {remedy_of(result, run_folder)}", where)
        for row in rows:
            yield {**known, **row, "labelled_fraction": row[counted] / size, "pseudo_instances": pseudo}


def seconds_of(config: Config, run_folder: Path, job: Fitted) -> Iterator[Row]:
    """The timed rows of one job."""
    for result in results(job):
        manifest = verify(config, result, run_folder, ["timings.csv"])
        known = {
            key: _fact(manifest, key, result, run_folder)
            for key in (*MACHINE_COLUMNS, "engine", *DISTURBANCES)
        }
        elsewhere = {
            iteration: other for other in manifest.get("elsewhere", []) for iteration in other["iterations"]
        }
        disturbed = {*known["shared_iterations"], *known["resumed_iterations"]}
        # Shared, and the manifest does not say when: no iteration counts as exclusive.
        doubtful = not known["exclusive"] and not known["shared_iterations"]
        for row in _rows(result, run_folder, "timings.csv", PHASES):
            exclusive = not doubtful and row["iteration"] not in disturbed
            where = elsewhere.get(row["iteration"], known)
            machine = {name: where[key] for key, name in MACHINE_COLUMNS.items()} | {
                "engine": known["engine"]
            }
            yield {**identity(job), **row, **machine, "exclusive": exclusive}


def overlap_of(config: Config, run_folder: Path, job: Acquire) -> Iterator[Row]:
    """The overlap rows of one trajectory that ranks its pool."""
    wanted = ("iteration", "instance")
    result = result_of(job)
    verify(config, result, run_folder, ["queries.csv", "scores.parquet"])
    folder, remedy = run_folder / job.folder, remedy_of(result, run_folder)
    path = folder / "scores.parquet"
    chosen = {name: QUERIES[name] for name in wanted}
    queries = frame_of_rows(read_rows(folder / "queries.csv", chosen, remedy), chosen)
    scores = read_parquet_checked(path, {name: SCORES[name] for name in (*wanted, "score")}, remedy)
    try:
        found = overlap(scores, queries, job.seed)
    except ValueError as error:
        raise InputError(f"{error}; {remedy}", str(path)) from error
    for row in _records(found):
        yield {**identity(job), **row}


def gold_of(config: Config, run_folder: Path, dataset: str) -> "pd.Series[str]":
    """The class of each training instance, by its id."""
    prepared = result_of(Prepare(dataset))
    verify(config, prepared, run_folder, ["train.parquet"])
    label = COLUMNS["classification"][1]
    table = pd.read_parquet(run_folder / prepared.folder / "train.parquet", columns=["id", label])
    return table.set_index("id")[label]


def queried_of(
    config: Config, run_folder: Path, job: Acquire, gold: Callable[[str], "pd.Series[str]"]
) -> Iterator[Row]:
    """How many instances of each class a trajectory labelled at each iteration; 0 is its seed set."""
    result = result_of(job)
    verify(config, result, run_folder, ["queries.csv"])
    path, remedy = run_folder / job.folder / "queries.csv", remedy_of(result, run_folder)
    wanted = {name: QUERIES[name] for name in ("iteration", "instance")}
    queries = frame_of_rows(read_rows(path, wanted, remedy), wanted)
    labels = queries["instance"].map(gold(job.dataset))
    if labels.isna().any():
        raise InputError(f"names an instance that the training set does not have; {remedy}", str(path))
    counts = queries.assign(label=labels).groupby(["iteration", "label"], as_index=False).size()
    for row in _records(counts.rename(columns={"size": "instances"})):
        yield {**identity(job), **row}


def record_of(config: Config, run_folder: Path, job: Job) -> Iterator[Row]:
    """A job's record, as its only row."""
    yield verify(config, result_of(job), run_folder, [])


def distillation_of(config: Config, run_folder: Path, job: Distill) -> Iterator[Row]:
    """The facts about a student's distillation, as its only row."""
    verify(config, result_of(job), run_folder, ["distillation.json"])
    yield read_json(run_folder / job.folder / "distillation.json")


def identity(job: Fitted) -> Row:
    """The columns that name a job; students and frozen states, which all seeds share, have the seed 0."""
    if isinstance(job, Full | Distill | Encode):
        chosen = {"acquisition": "none", "strategy": "none", "subsampling": "none"}
        return {
            "dataset": job.dataset,
            "stage": job.stage,
            **chosen,
            "labeller": "gold" if isinstance(job, Full) else "none",
            "successor": job.model,
            "seed": job.seed or 0,
        }
    return {
        "dataset": job.dataset,
        "stage": job.stage,
        "acquisition": job.trajectory.acquisition,
        "strategy": job.trajectory.strategy,
        "subsampling": job.trajectory.subsampling,
        "labeller": job.labels if isinstance(job, Successor) else "gold",
        "successor": job.model if isinstance(job, Successor) else "none",
        "seed": job.seed,
    }


def _rows(result: Result, run_folder: Path, name: str, columns: Columns) -> list[Row]:
    path = run_folder / result.folder / name
    return read_rows(path, columns, remedy_of(result, run_folder))


def _records(frame: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _points(config: Config, job: Job) -> list[int]:
    """The points of a job's metrics."""
    if isinstance(job, Successor):
        return list(job.points)
    if isinstance(job, Acquire):
        last = config.datasets[job.dataset].budget.iterations
        return list(range(last + 1)) if job.acquisition != "none" else []
    return [0]


def _fact(record: Facts, key: str, result: Result, run_folder: Path) -> Any:
    if key not in record:
        where = str(run_folder / result.folder / result.record)
        raise InputError(f"has no {key}; {remedy_of(result, run_folder)}", where)
    return record[key]


def _training_size(config: Config, run_folder: Path, dataset: str) -> int:
    """The size of the training set: tokens when tagging, instances otherwise."""
    unit = "tokens" if config.datasets[dataset].task == "tagging" else "instances"
    return int(verify(config, result_of(Prepare(dataset)), run_folder, [])["splits"]["train"][unit])
