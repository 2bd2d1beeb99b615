"""Join what all jobs left into the two tidy tables that everything after reads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feasible_al.analysis.results import read_facts
from feasible_al.columns import CURVES, METRICS, PHASES, TIMINGS, Columns, frame_of_rows, read_checked
from feasible_al.config.jobs import Full, Successor, Trajectory, curve_of, jobs_of
from feasible_al.config.schema import Config
from feasible_al.errors import InputError
from feasible_al.io import write_csv

Fitted = Trajectory | Successor | Full
Row = dict[str, Any]


def collect(config: Config, run_folder: Path) -> None:
    """Write ``tables/curves.csv`` and ``tables/timings.csv`` of a resolved config.

    Curves have a row per series, dataset, seed and point, so that a job that two series share is in
    both; timings have a row per row of a job's own file.

    Raises:
        InputError: if a job's file is absent, torn or not of this version; names the file and the job.
    """
    write_csv(run_folder / "tables" / "curves.csv", frame_of_rows(_curves(config, run_folder), CURVES))
    write_csv(run_folder / "tables" / "timings.csv", frame_of_rows(_timings(config, run_folder), TIMINGS))


def _curves(config: Config, run_folder: Path) -> Iterator[Row]:
    jobs = jobs_of(config)
    sizes = {job.dataset: _training_size(config, run_folder, job.dataset) for job in jobs.prepare}
    for name, series in config.series.items():
        for dataset in series.datasets:
            for seed in config.seeds:
                job = curve_of(config, name, dataset, seed)
                identity = {"series": name, **_identity(job), "successor": series.successor}
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
    for folder in _folders(config, job):
        for row in _rows(run_folder / folder / "metrics.csv", METRICS, job):
            yield {**identity, **row, "labelled_fraction": row[counted] / size, "pseudo_instances": 0}


def _timings(config: Config, run_folder: Path) -> Iterator[Row]:
    jobs = jobs_of(config)
    fitted: list[Fitted] = [*jobs.trajectories, *jobs.successors, *jobs.full]
    for job in fitted:
        for folder in _folders(config, job):
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


def _rows(path: Path, columns: Columns, job: Fitted) -> list[Row]:
    frame = read_checked(path, columns, f"run the job {job.folder} again")
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _folders(config: Config, job: Fitted) -> list[Path]:
    """The folders of a job that hold a set of result files each."""
    if isinstance(job, Successor):
        points = config.datasets[job.trajectory.dataset].budget.iterations + 1
        return [job.folder / f"point{point}" for point in range(points)]
    return [job.folder]


def _identity(job: Fitted) -> Row:
    """The columns that name a job; labels are always gold."""
    if isinstance(job, Full):
        chosen = {"acquisition": "none", "strategy": "none", "subsampling": "none"}
        return {
            "dataset": job.dataset,
            "stage": "full",
            **chosen,
            "labeller": "gold",
            "successor": job.model,
            "seed": job.seed,
        }
    trajectory = job.trajectory if isinstance(job, Successor) else job
    return {
        "dataset": trajectory.dataset,
        "stage": "successor" if isinstance(job, Successor) else "acquire",
        "acquisition": trajectory.acquisition,
        "strategy": trajectory.strategy,
        "subsampling": trajectory.subsampling,
        "labeller": "gold",
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
