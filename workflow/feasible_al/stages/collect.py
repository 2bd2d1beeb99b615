"""Join what all jobs left into the three tidy tables that everything after reads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from feasible_al.analysis.names import METRIC
from feasible_al.analysis.overlap import overlap
from feasible_al.columns import (
    CURVES,
    METRICS,
    OVERLAP,
    PHASES,
    QUERIES,
    SCORES,
    TIMINGS,
    Columns,
    frame_of_rows,
    read_checked,
    read_parquet_checked,
)
from feasible_al.config.jobs import Distill, Full, Job, Prepare, Successor, Trajectory, curve_of, jobs_of
from feasible_al.config.schema import Config
from feasible_al.errors import InputError
from feasible_al.integrity import Facts, Result, remedy_of, result_of, results, verify
from feasible_al.io import write_csv
from feasible_al.strategies import STRATEGIES
from feasible_al.subsampling import RULES
from feasible_al.tidy import seal_tables

Fitted = Distill | Trajectory | Successor | Full
Row = dict[str, Any]
MACHINE = {
    "host": "host",
    "cpu": "processor",
    "device": "device",
    "threads": "threads",
    "precision": "precision",
}
"""Keys of manifests and what the table of times calls them."""
DISTURBANCES = ("exclusive", "shared_iterations", "resumed_iterations")


def collect(config: Config, run_folder: Path) -> None:
    """Write ``curves.csv``, ``timings.csv`` and ``overlap.csv`` of a resolved config to ``tables/``.

    Curves have a row per series, dataset, seed, point and metric, so that a job that two series share is in
    both; timings have a row per row of a job's own file; see :func:`feasible_al.analysis.overlap.overlap`.

    Raises:
        InputError: if a job's file is absent, torn, changed or of another config; names the file and the job.
    """
    tables = run_folder / "tables"
    write_csv(tables / "curves.csv", frame_of_rows(_curves(config, run_folder), CURVES))
    write_csv(tables / "timings.csv", frame_of_rows(_timings(config, run_folder), TIMINGS))
    write_csv(tables / "overlap.csv", frame_of_rows(_overlaps(config, run_folder), OVERLAP))
    seal_tables(config, run_folder)


def _curves(config: Config, run_folder: Path) -> Iterator[Row]:
    jobs = jobs_of(config)
    sizes = {job.dataset: _training_size(config, run_folder, job.dataset) for job in jobs.prepare}
    for name, dataset in config.curves_run():
        for seed in config.seeds:
            job = curve_of(config, name, dataset, seed)
            identity = {"series": name, **_identity(job), "successor": config.series[name].successor}
            yield from _scores(config, run_folder, job, identity, sizes[dataset])
    for full in jobs.full:
        yield from _scores(
            config, run_folder, full, {"series": "full", **_identity(full)}, sizes[full.dataset]
        )


def _scores(config: Config, run_folder: Path, job: Fitted, identity: Row, size: int) -> Iterator[Row]:
    """The curve rows of one job."""
    task = config.datasets[identity["dataset"]].task
    counted = "labelled_tokens" if task == "tagging" else "labelled_instances"
    for result in results(job):
        manifest = verify(config, result, run_folder, ["metrics.csv"])
        pseudo = _fact(manifest, "pseudo_instances", result, run_folder) if isinstance(job, Successor) else 0
        rows = _rows(result, run_folder, "metrics.csv", METRICS)
        points = _points(config, result.job)
        if [row["point"] for row in rows if row["metric"] == METRIC[task]] != points:
            where = str(run_folder / result.folder / "metrics.csv")
            raise InputError(f"not the points {points}; {remedy_of(result, run_folder)}", where)
        for row in rows:
            yield {**identity, **row, "labelled_fraction": row[counted] / size, "pseudo_instances": pseudo}


def _timings(config: Config, run_folder: Path) -> Iterator[Row]:
    jobs = jobs_of(config)
    fitted: list[Fitted] = [*jobs.students, *jobs.trajectories, *jobs.successors, *jobs.full]
    for job in fitted:
        for result in results(job):
            manifest = verify(config, result, run_folder, ["timings.csv"])
            known = {
                key: _fact(manifest, key, result, run_folder) for key in (*MACHINE, "engine", *DISTURBANCES)
            }
            elsewhere = {
                iteration: other
                for other in manifest.get("elsewhere", [])
                for iteration in other["iterations"]
            }
            disturbed = {*known["shared_iterations"], *known["resumed_iterations"]}
            # Shared as a whole, without saying when: no iteration can be trusted.
            doubtful = not known["exclusive"] and not known["shared_iterations"]
            for row in _rows(result, run_folder, "timings.csv", PHASES):
                exclusive = not doubtful and row["iteration"] not in disturbed
                where = elsewhere.get(row["iteration"], known)
                machine = {name: where[key] for key, name in MACHINE.items()} | {"engine": known["engine"]}
                yield {**_identity(job), **row, **machine, "exclusive": exclusive}


def _overlaps(config: Config, run_folder: Path) -> Iterator[Row]:
    """The rows of all trajectories that rank their pool; random sampling and chosen batches do not."""
    wanted = ("iteration", "instance")
    for job in jobs_of(config).trajectories:
        if job.acquisition == "none" or STRATEGIES[job.strategy].batch or _by_neighbours(config, job):
            continue
        result = result_of(job)
        verify(config, result, run_folder, ["queries.csv", "scores.parquet"])
        folder, remedy = run_folder / job.folder, remedy_of(result, run_folder)
        path = folder / "scores.parquet"
        queries = read_checked(folder / "queries.csv", {name: QUERIES[name] for name in wanted}, remedy)
        scores = read_parquet_checked(path, {name: SCORES[name] for name in (*wanted, "score")}, remedy)
        try:
            found = overlap(scores, queries, job.seed)
        except ValueError as error:
            raise InputError(f"{error}; {remedy}", str(path)) from error
        for row in _records(found):
            yield {**_identity(job), **row}


def _by_neighbours(config: Config, job: Trajectory) -> bool:
    """Whether parts of the pool may never have been scored."""
    rule = config.subsampling.get(job.subsampling)
    return rule is not None and RULES[rule.rule].neighbours


def _rows(result: Result, run_folder: Path, name: str, columns: Columns) -> list[Row]:
    path = run_folder / result.folder / name
    return _records(read_checked(path, columns, remedy_of(result, run_folder)))


def _records(frame: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _points(config: Config, job: Job) -> list[int]:
    """The points that a job's metrics have."""
    if isinstance(job, Successor):
        return list(job.points)
    if isinstance(job, Trajectory):
        last = config.datasets[job.dataset].budget.iterations
        return list(range(last + 1)) if job.acquisition != "none" else []
    return [0]


def _fact(record: Facts, key: str, result: Result, run_folder: Path) -> Any:
    if key not in record:
        where = str(run_folder / result.folder / result.record)
        raise InputError(f"lacks {key}; {remedy_of(result, run_folder)}", where)
    return record[key]


def _identity(job: Fitted) -> Row:
    """The columns that name a job; a student serves all seeds of a run and has 0 in their place."""
    if isinstance(job, Full | Distill):
        chosen = {"acquisition": "none", "strategy": "none", "subsampling": "none"}
        return {
            "dataset": job.dataset,
            "stage": "full" if isinstance(job, Full) else "distill",
            **chosen,
            "labeller": "gold" if isinstance(job, Full) else "none",
            "successor": job.model,
            "seed": job.seed if isinstance(job, Full) else 0,
        }
    trajectory = job.trajectory if isinstance(job, Successor) else job
    return {
        "dataset": trajectory.dataset,
        "stage": "successor" if isinstance(job, Successor) else "acquire",
        "acquisition": trajectory.acquisition,
        "strategy": trajectory.strategy,
        "subsampling": trajectory.subsampling,
        "labeller": job.labels if isinstance(job, Successor) else "gold",
        "successor": job.model if isinstance(job, Successor) else "none",
        "seed": trajectory.seed,
    }


def _training_size(config: Config, run_folder: Path, dataset: str) -> int:
    """How much there is to label: tokens when tagging, instances otherwise."""
    unit = "tokens" if config.datasets[dataset].task == "tagging" else "instances"
    return int(verify(config, result_of(Prepare(dataset)), run_folder, [])["splits"]["train"][unit])
