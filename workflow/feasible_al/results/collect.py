"""Join what jobs left: for what is shown of them, or all of it as three tidy tables."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from feasible_al.analysis.acquirers import Acquirer
from feasible_al.analysis.names import METRIC
from feasible_al.results.overlap import overlap
from feasible_al.analysis.results import Results
from feasible_al.analysis.test_set import read_counts
from feasible_al.results.columns import CURVES, METRICS, OVERLAP, PHASES, QUERIES, SCORES, TIMINGS, Columns, frame_of_rows, read_checked, read_parquet_checked, read_rows
from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_json, write_csv
from feasible_al.results.integrity import Facts, Result, remedy_of, result_of, results, verify
from feasible_al.jobs import Distill, Full, Job, Jobs, Prepare, Successor, Trajectory, curve_of, jobs_of
from feasible_al.jobs.shown import Pair, Shown, of_tidy_tables, trajectory_of

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
Reasons = Mapping[Path, str]
NOT_RUN = "not run"
DISTURBANCES = ("exclusive", "shared_iterations", "resumed_iterations")


class _Reader:
    """Reads results job by job, each whole or not at all.

    Args:
        reasons: why jobs are missing, by folder: what cannot be read then costs itself. None: nothing may be.

    Attributes:
        missing: the folders of the jobs that could not be read, with the reason.
    """

    def __init__(self, run_folder: Path, reasons: Reasons | None) -> None:
        self._run_folder, self._reasons = run_folder, reasons
        self.missing: dict[Path, str] = {}

    def rows(self, job: Job, read: Callable[[], Iterable[Row]]) -> list[Row]:
        """What is read of a job; nothing of one that is missing.

        Raises:
            InputError: if it cannot be read and nothing may be missing.
        """
        try:
            return list(read())
        except InputError as error:
            if self._reasons is None:
                raise
            there = all((self._run_folder / r.folder / r.record).exists() for r in results(job))
            self.missing[job.folder] = self._reasons.get(job.folder) or (str(error) if there else NOT_RUN)
            return []


def collect(config: Config, run_folder: Path, reasons: Reasons | None = None) -> None:
    """Write ``curves.csv``, ``timings.csv`` and ``overlap.csv`` of a resolved config to ``tables/``.

    Curves have a row per series, dataset, seed, point and metric, so that a job that two series share is in
    both; timings have a row per row of a job's own file; see :func:`feasible_al.results.overlap.overlap`.

    Raises:
        InputError: as :func:`join` does.
    """
    tables = run_folder / "tables"
    found = join(config, run_folder, of_tidy_tables(config), reasons)
    write_csv(tables / "curves.csv", found.curves)
    write_csv(tables / "timings.csv", found.timings)
    write_csv(tables / "overlap.csv", found.overlap)


def join(config: Config, run_folder: Path, shown: Shown, reasons: Reasons | None = None) -> Results:
    """What jobs left of what is shown.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        shown: what is read.
        reasons: why jobs are missing, by folder; what cannot be read is then left out. None: nothing may be.

    Raises:
        InputError: if a job's file is absent, torn, changed or of another config, and nothing may be missing;
            names the file and the job.
    """
    jobs, reader = jobs_of(config), _Reader(run_folder, reasons)
    return Results(
        curves=frame_of_rows(_curves(config, run_folder, shown, jobs, reader), CURVES),
        timings=frame_of_rows(_timings(config, run_folder, shown, jobs, reader), TIMINGS),
        overlap=frame_of_rows(_overlaps(config, run_folder, shown, jobs, reader), OVERLAP),
        stats={
            job.dataset: facts
            for job in jobs.prepare
            if job.dataset in shown.datasets
            for facts in reader.rows(job, partial(_record, config, run_folder, job))
        },
        students={
            (job.dataset, job.model): facts
            for job in jobs.students
            if job.dataset in shown.students
            for facts in reader.rows(job, partial(_distillation, config, run_folder, job))
        },
        peak_memory=_peak_memory(config, run_folder, shown, jobs, reader),
        counts=lru_cache(maxsize=64)(partial(read_counts, config, run_folder)),
        missing=reader.missing,
    )


def _curves(config: Config, run_folder: Path, shown: Shown, jobs: Jobs, reader: _Reader) -> Iterator[Row]:
    for name, dataset in config.curves_run():
        for seed in config.seeds if (name, dataset) in shown.curves else ():
            job = curve_of(config, name, dataset, seed)
            identity = {"series": name, **_identity(job), "successor": config.series[name].successor}
            yield from reader.rows(job, partial(_scores, config, run_folder, job, identity))
    for full in jobs.full:
        if (full.model, full.dataset) in shown.full:
            identity = {"series": "full", **_identity(full)}
            yield from reader.rows(full, partial(_scores, config, run_folder, full, identity))


def _scores(config: Config, run_folder: Path, job: Fitted, identity: Row) -> Iterator[Row]:
    """The curve rows of one job."""
    size = _training_size(config, run_folder, identity["dataset"])
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


def _timings(config: Config, run_folder: Path, shown: Shown, jobs: Jobs, reader: _Reader) -> Iterator[Row]:
    fitted: list[Fitted] = [*_acquisitions(config, jobs, shown.timed)]
    if shown.times:
        fitted = [*jobs.students, *jobs.trajectories, *jobs.successors, *jobs.full]
    for job in fitted:
        yield from reader.rows(job, partial(_seconds, config, run_folder, job))


def _acquisitions(config: Config, jobs: Jobs, pairs: Iterable[Pair]) -> list[Trajectory]:
    """The trajectories of series on datasets, where they are run for any series."""
    folders = {trajectory_of(config, *pair, seed).folder for pair in pairs for seed in config.seeds}
    return [job for job in jobs.trajectories if job.folder in folders]


def _seconds(config: Config, run_folder: Path, job: Fitted) -> Iterator[Row]:
    """The timed rows of one job."""
    for result in results(job):
        manifest = verify(config, result, run_folder, ["timings.csv"])
        known = {key: _fact(manifest, key, result, run_folder) for key in (*MACHINE, "engine", *DISTURBANCES)}
        elsewhere = {
            iteration: other for other in manifest.get("elsewhere", []) for iteration in other["iterations"]
        }
        disturbed = {*known["shared_iterations"], *known["resumed_iterations"]}
        # Shared as a whole, without saying when: no iteration can be trusted.
        doubtful = not known["exclusive"] and not known["shared_iterations"]
        for row in _rows(result, run_folder, "timings.csv", PHASES):
            exclusive = not doubtful and row["iteration"] not in disturbed
            where = elsewhere.get(row["iteration"], known)
            machine = {name: where[key] for key, name in MACHINE.items()} | {"engine": known["engine"]}
            yield {**_identity(job), **row, **machine, "exclusive": exclusive}


def _overlaps(config: Config, run_folder: Path, shown: Shown, jobs: Jobs, reader: _Reader) -> Iterator[Row]:
    for job in _acquisitions(config, jobs, shown.ranked):
        yield from reader.rows(job, partial(_overlap, config, run_folder, job))


def _overlap(config: Config, run_folder: Path, job: Trajectory) -> Iterator[Row]:
    """The rows of one trajectory that ranks its pool."""
    wanted = ("iteration", "instance")
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


def _record(config: Config, run_folder: Path, job: Job) -> Iterator[Row]:
    yield verify(config, result_of(job), run_folder, [])


def _distillation(config: Config, run_folder: Path, job: Distill) -> Iterator[Row]:
    verify(config, result_of(job), run_folder, ["distillation.json"])
    yield read_json(run_folder / job.folder / "distillation.json")


def _peak_memory(
    config: Config, run_folder: Path, shown: Shown, jobs: Jobs, reader: _Reader
) -> dict[Acquirer, list[float]]:
    """Megabytes of acquisition jobs, a value per seed."""
    found: dict[Acquirer, list[float]] = defaultdict(list)
    for job in _acquisitions(config, jobs, shown.measured):
        for facts in reader.rows(job, partial(_record, config, run_folder, job)):
            acquirer = Acquirer(job.dataset, job.acquisition, job.strategy, job.subsampling)
            found[acquirer].append(float(facts["peak_memory_mb"]))
    return found


def _rows(result: Result, run_folder: Path, name: str, columns: Columns) -> list[Row]:
    path = run_folder / result.folder / name
    return read_rows(path, columns, remedy_of(result, run_folder))


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
