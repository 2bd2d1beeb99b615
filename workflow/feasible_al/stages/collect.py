"""Join what all jobs left into the three tidy tables that everything after reads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from feasible_al.analysis.overlap import overlap
from feasible_al.analysis.results import read_facts
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
from feasible_al.config.jobs import Distill, Full, Successor, Trajectory, curve_of, jobs_of
from feasible_al.config.schema import Config
from feasible_al.errors import InputError
from feasible_al.io import write_csv

Fitted = Distill | Trajectory | Successor | Full
Row = dict[str, Any]


def collect(config: Config, run_folder: Path) -> None:
    """Write ``curves.csv``, ``timings.csv`` and ``overlap.csv`` of a resolved config to ``tables/``.

    Curves have a row per series, dataset, seed and point, so that a job that two series share is in
    both; timings have a row per row of a job's own file; see :func:`feasible_al.analysis.overlap.overlap`.

    Raises:
        InputError: if a job's file is absent, torn or not of this version; names the file and the job.
    """
    tables = run_folder / "tables"
    write_csv(tables / "curves.csv", frame_of_rows(_curves(config, run_folder), CURVES))
    write_csv(tables / "timings.csv", frame_of_rows(_timings(config, run_folder), TIMINGS))
    write_csv(tables / "overlap.csv", frame_of_rows(_overlaps(config, run_folder), OVERLAP))


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
    counted = (
        "labelled_tokens" if config.datasets[identity["dataset"]].task == "tagging" else "labelled_instances"
    )
    for folder in _folders(job):
        pseudo = 0
        if isinstance(job, Successor):
            pseudo = _fact(run_folder / folder / "manifest.json", "pseudo_instances", job)
        for row in _rows(run_folder / folder / "metrics.csv", METRICS, job):
            yield {**identity, **row, "labelled_fraction": row[counted] / size, "pseudo_instances": pseudo}


def _timings(config: Config, run_folder: Path) -> Iterator[Row]:
    jobs = jobs_of(config)
    fitted: list[Fitted] = [*jobs.students, *jobs.trajectories, *jobs.successors, *jobs.full]
    for job in fitted:
        for folder in _folders(job):
            manifest_file = run_folder / folder / "manifest.json"
            manifest = read_facts(manifest_file)
            try:
                machine = {key: str(manifest[key]) for key in ("host", "device", "precision", "engine")}
                disturbed = {*manifest["shared_iterations"], *manifest["resumed_iterations"]}
                # Shared as a whole, without saying when: no iteration can be trusted.
                doubtful = not manifest["exclusive"] and not manifest["shared_iterations"]
            except (KeyError, TypeError) as error:
                raise InputError(
                    f"lacks {error}; run the job {job.folder} again", str(manifest_file)
                ) from error
            for row in _rows(run_folder / folder / "timings.csv", PHASES, job):
                exclusive = not doubtful and row["iteration"] not in disturbed
                yield {**_identity(job), **row, **machine, "exclusive": exclusive}


def _overlaps(config: Config, run_folder: Path) -> Iterator[Row]:
    """The rows of all trajectories that score; random sampling does not."""
    wanted = ("iteration", "instance")
    for job in jobs_of(config).trajectories:
        if job.acquisition == "none":
            continue
        folder, remedy = run_folder / job.folder, f"run the job {job.folder} again"
        path = folder / "scores.parquet"
        queries = read_checked(folder / "queries.csv", {name: QUERIES[name] for name in wanted}, remedy)
        scores = read_parquet_checked(path, {name: SCORES[name] for name in (*wanted, "score")}, remedy)
        try:
            found = overlap(scores, queries, job.seed)
        except ValueError as error:
            raise InputError(f"{error}; {remedy}", str(path)) from error
        for row in _records(found):
            yield {**_identity(job), **row}


def _rows(path: Path, columns: Columns, job: Fitted) -> list[Row]:
    return _records(read_checked(path, columns, f"run the job {job.folder} again"))


def _records(frame: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _folders(job: Fitted) -> list[Path]:
    """The folders of a job that hold a set of result files each."""
    if isinstance(job, Successor):
        return [job.folder / f"point{point}" for point in job.points]
    return [job.folder]


def _fact(path: Path, key: str, job: Fitted) -> Any:
    try:
        return read_facts(path)[key]
    except (KeyError, TypeError) as error:
        raise InputError(f"lacks {key}; run the job {job.folder} again", str(path)) from error


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
    path = run_folder / "data" / dataset / "stats.json"
    unit = "tokens" if config.datasets[dataset].task == "tagging" else "instances"
    try:
        return int(read_facts(path)["splits"]["train"][unit])
    except (KeyError, TypeError) as error:
        raise InputError(f"lacks splits.train.{unit}; run the job data/{dataset} again", str(path)) from error
