"""``feasible-al verify``: check a run that somebody ships, and compute one of its seeds again."""

import secrets
from collections.abc import Iterator
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from feasible_al.analysis.names import listed
from feasible_al.commands.baselines import saved_config, shipped
from feasible_al.commands.job import run_jobs
from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_json
from feasible_al.core.machine import machine
from feasible_al.jobs import Acquire, Job, Prepare, curve_of, jobs_of
from feasible_al.jobs.budget import amounts_of
from feasible_al.jobs.resolve import load_saved, save
from feasible_al.results.columns import METRICS, QUERIES, read_rows
from feasible_al.results.counts import Gold, read_counts, read_gold
from feasible_al.results.integrity import remedy_of, result_of, results, verify, versions

TOLERANCE = 0.05
"""How far a mean score may be from the one computed again on another machine, or with other versions."""
NOT_COMPARED = {"timings.csv"}
LABELLED = {name: QUERIES[name] for name in ("iteration", "instance", "tokens")}


def verify_run(folder: Path, seed: int | None = None) -> Iterator[str]:
    """Check a run: manifests, data, budgets and scores; then compute one seed again and compare.

    Args:
        folder: what ``feasible-al export`` wrote.
        seed: which one; at random when None, so that nobody can prepare for it.

    Yields:
        What was found to be right, in words.

    Raises:
        InputError: naming the first file or number that is not right.
    """
    config = load_saved(saved_config(folder))
    if seed is not None and seed not in config.seeds:
        known = listed([str(each) for each in config.seeds])
        raise InputError(f"the run has no seed {seed}; it has the seeds {known}", "--seed")
    jobs = shipped(config)
    for job in jobs:
        for result in results(job):
            facts = verify(config, result, folder)
            if facts["versions"]["feasible-al"] != versions()["feasible-al"]:
                version = facts["versions"]["feasible-al"]
                raise InputError(
                    f"made by version {version} of feasible-al, not {versions()['feasible-al']}",
                    str(folder / result.folder / result.record),
                )
    yield f"manifests: {len(jobs)} jobs are complete, unchanged and of this config and version"
    seed = secrets.choice(config.seeds) if seed is None else seed
    with TemporaryDirectory() as temporary:
        again = Path(temporary, "results")
        path = save(config, again)
        for job in jobs_of(config).prepare:
            run_jobs(path, job.folder.as_posix(), (), 1, 0)
            _check_data(job, folder, again)
            yield f"data: {job.dataset} is what its source gives here"
        _check_budgets(config, folder, again)
        yield "budgets: every iteration is there, labels what it may, and nothing twice"
        _check_scores(config, folder, again)
        yield "scores: all follow from the predictions for the test set"
        _recompute(config, seed, folder, path, again)
        yield f"seed {seed}: {compared(config, seed, folder, again)}"


def _check_data(job: Prepare, folder: Path, again: Path) -> None:
    record = result_of(job).folder / result_of(job).record
    theirs, ours = (read_json(each / record)["files"] for each in (folder, again))
    if theirs != ours:
        raise InputError(f"{job.dataset} is other data than its source gives here", str(folder / record))


def _check_budgets(config: Config, folder: Path, again: Path) -> None:
    """Iterations 0 to the last, each within the budget, which only the last sentence of one may exceed."""
    for job in shipped(config):
        if not isinstance(job, Acquire):
            continue
        block = config.datasets[job.dataset]
        path, remedy = folder / job.folder / "queries.csv", remedy_of(result_of(job), folder)
        queries = pd.DataFrame(read_rows(path, LABELLED, remedy))
        tagging = block.task == "tagging"
        train = read_json(again / Prepare(job.dataset).record)["splits"]["train"]
        unit = "tokens" if tagging else "instances"
        sizes = amounts_of(block.budget, train[unit], unit, f"datasets.{job.dataset}.budget")
        if sorted(queries["iteration"].unique()) != [*range(block.budget.iterations + 1)]:
            raise InputError(f"iterations are missing: not 0 to {block.budget.iterations}", str(path))
        if queries["instance"].duplicated().any():
            raise InputError("it labels an instance twice", str(path))
        for iteration, query in queries.groupby("iteration"):
            allowed = sizes.query if iteration else sizes.seed
            spent = int(query["tokens"].iloc[:-1].sum()) if tagging else len(query)
            if spent > allowed:
                raise InputError(f"iteration {iteration} labels more than {allowed} {unit}", str(path))


def _check_scores(config: Config, folder: Path, again: Path) -> None:
    """Every score of a curve that is shown, from the stored predictions."""
    with TemporaryDirectory() as temporary:
        joined = Path(temporary)  # the shipped results beside the data, which do not ship
        for part in folder.iterdir():
            if part.is_dir() and part.name != "data":
                (joined / part.name).symlink_to(part.resolve())
        (joined / "data").symlink_to((again / "data").resolve())
        gold = lru_cache(partial(read_gold, config, joined))
        for name, dataset in config.curves_run():
            for seed in config.seeds_of(name):
                _check_curve(config, joined, gold(dataset), name, dataset, seed)


def _check_curve(config: Config, run_folder: Path, gold: Gold, name: str, dataset: str, seed: int) -> None:
    job, metric = curve_of(config, name, dataset, seed), config.datasets[dataset].shown_metric
    found: dict[int, float] = {}
    for result in results(job):
        path = run_folder / result.folder / "metrics.csv"
        rows = read_rows(path, METRICS, remedy_of(result, run_folder))
        found |= {row["point"]: row["value"] for row in rows if row["metric"] == metric}
    counts = read_counts(config, run_folder, gold, name, dataset, seed, [*found])
    for (point, value), count in zip(found.items(), counts, strict=True):
        if abs(value - count.score) > 1e-9:
            raise InputError(
                f"point {point} of {job.name} says {value:.6f}, its predictions give {count.score:.6f}",
                "metrics.csv",
            )


def _recompute(config: Config, seed: int, folder: Path, path: Path, again: Path) -> None:
    """Run the jobs of a seed, with as many threads as they had."""
    wanted, needed = _of_seed(config, seed), jobs_of(config)
    threads = max(1, int(read_json(folder / wanted[-1].record)["threads"]))
    # Sums of NumPy, SciPy and scikit-learn depend on it, too; a limit reaches only what is loaded.
    for name in ("scipy.linalg", "sklearn.cluster"):
        import_module(name)
    with threadpool_limits(threads):
        for job in (*needed.distill, *needed.encode, *needed.labels, *wanted):
            run_jobs(path, job.name, (), threads, 0)


def _of_seed(config: Config, seed: int) -> list[Job]:
    return [job for job in shipped(config) if job.seed == seed]


def compared(config: Config, seed: int, folder: Path, again: Path) -> str:
    """What a comparison of all files of a seed but times says, in words; to the byte on such a machine.

    Raises:
        InputError: naming the first file that differs, or the job whose mean score differs too much.
    """
    wanted = _of_seed(config, seed)
    files = [
        result.folder / name
        for job in wanted
        for result in results(job)
        for name in result.files
        if name not in NOT_COMPARED
    ]
    differing = [each for each in files if (folder / each).read_bytes() != (again / each).read_bytes()]
    if not differing:
        return f"{len(files)} files of {len(wanted)} jobs, computed again, are the same to the byte"
    if elsewhere := _elsewhere(folder / wanted[-1].record):
        return _within_tolerance(wanted, folder, again, elsewhere)
    raise InputError(
        f"seed {seed}, computed again on such a machine, gives another file (and {len(differing) - 1} more)",
        str(folder / differing[0]),
    )


def _elsewhere(record: Path) -> str:
    """How this machine or its versions differ from those of a manifest, in words; empty if they do not."""
    facts = read_json(record)
    ours = machine() | versions()
    theirs = {key: facts[key] for key in ("cpu", "instructions")} | facts["versions"]
    return ", ".join(f"{key} {theirs[key]}, here {ours[key]}" for key in theirs if theirs[key] != ours[key])


def _within_tolerance(wanted: list[Job], folder: Path, again: Path, elsewhere: str) -> str:
    worst = 0.0
    for job in wanted:
        theirs, ours = (
            [row["value"] for result in results(job) for row in _scores(each / result.folder)]
            for each in (folder, again)
        )
        if not theirs:  # a random trajectory has no model
            continue
        worst = max(worst, abs(mean(theirs) - mean(ours)))
        if worst > TOLERANCE:
            raise InputError(
                f"computed again, its mean score is {mean(ours):.3f}, not {mean(theirs):.3f}; up to "
                f"{TOLERANCE} may be due to rounding with {elsewhere}",
                str(folder / job.folder),
            )
    return f"mean scores of {len(wanted)} jobs, computed again, differ by at most {worst:.3f} ({elsewhere})"


def _scores(folder: Path) -> list[dict[str, Any]]:
    return read_rows(folder / "metrics.csv", METRICS, "")
