"""Join the results of jobs: those that are shown, or all of them as three tidy tables."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import write_csv
from feasible_al.jobs import Acquire, Job, Jobs, curve_of, jobs_of, trajectory_of
from feasible_al.jobs.shown import Pair, Shown, of_tidy_tables
from feasible_al.results.columns import CURVES, OVERLAP, QUERIED, TIMINGS, frame_of_rows
from feasible_al.results.counts import Counts, read_counts, read_gold
from feasible_al.results.integrity import results
from feasible_al.results.rows import (
    Fitted,
    Row,
    distillation_of,
    gold_of,
    identity,
    overlap_of,
    queried_of,
    record_of,
    scores_of,
    seconds_of,
)

Reasons = Mapping[Path, str]
NOT_RUN = "not run"


@dataclass(frozen=True, order=True)
class Acquirer:
    """A trajectory without its seed."""

    dataset: str
    acquisition: str
    strategy: str
    subsampling: str


@dataclass(frozen=True)
class Results:
    """The results that a figure or a table reads; rows of other series and jobs may be absent.

    Attributes:
        curves: rows as in ``tables/curves.csv``.
        timings: rows as in ``tables/timings.csv``.
        overlap: rows as in ``tables/overlap.csv``.
        stats: ``data/<dataset>/stats.json`` by dataset.
        students: ``models/<dataset>/<student>/distillation.json`` by dataset and student.
        queried: instances of each class that a trajectory labelled at each iteration; 0 is its seed set.
        peak_memory: megabytes of acquisition jobs, one value per seed.
        counts: the correct test predictions of each fit, read on demand, by series, dataset, seed and
            points; see :func:`feasible_al.results.counts.read_counts`.
        labellers: the manifests of imported labellers by dataset and labeller.
        errors: the errors of the test set that were computed from these results before; see
            :func:`feasible_al.analysis.test_set.sampling_error`.
        missing: folders of jobs whose results should be here and are not, with the reason.
    """

    curves: pd.DataFrame
    timings: pd.DataFrame
    overlap: pd.DataFrame
    queried: pd.DataFrame
    stats: Mapping[str, Any]
    students: Mapping[tuple[str, str], Any]
    peak_memory: Mapping[Acquirer, Sequence[float]]
    counts: Callable[[str, str, int, tuple[int, ...]], Sequence[Counts]]
    labellers: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    missing: Mapping[Path, str] = field(default_factory=dict)
    errors: dict[tuple[Any, ...], float] = field(default_factory=dict, init=False)


class _Reader:
    """Reads results job by job; of a job either all is read or nothing.

    Args:
        reasons: why jobs are missing, by folder; jobs that cannot be read are then left out. None: no job may
            be missing.

    Attributes:
        missing: the folders of the jobs that could not be read, with the reason.
    """

    def __init__(self, run_folder: Path, reasons: Reasons | None) -> None:
        self._run_folder, self._reasons = run_folder, reasons
        self.missing: dict[Path, str] = {}

    def rows(self, job: Job, read: Callable[[], Iterable[Row]]) -> list[Row]:
        """The rows of a job; none if it is missing.

        Raises:
            InputError: if it cannot be read and no job may be missing.
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

    Curves have a row per series, dataset, seed, point and metric; a job that two series share has rows for
    both. Timings have a row per row of a job's own file. For the overlap see
    :func:`feasible_al.results.overlap.overlap`.

    Raises:
        InputError: as :func:`join` does.
    """
    tables = run_folder / "tables"
    found = join(config, run_folder, of_tidy_tables(config), reasons)
    write_csv(tables / "curves.csv", found.curves)
    write_csv(tables / "timings.csv", found.timings)
    write_csv(tables / "overlap.csv", found.overlap)


def join(config: Config, run_folder: Path, shown: Shown, reasons: Reasons | None = None) -> Results:
    """The results that are shown.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        shown: which results are read.
        reasons: why jobs are missing, by folder; jobs that cannot be read are then left out. None: no job may
            be missing.

    Raises:
        InputError: if a job's file is absent, damaged or of another config, and no job may be missing; names
            the file and the job.
    """
    jobs, reader = jobs_of(config), _Reader(run_folder, reasons)
    return Results(
        curves=frame_of_rows(_curves(config, run_folder, shown, jobs, reader), CURVES),
        timings=frame_of_rows(_timings(config, run_folder, shown, jobs, reader), TIMINGS),
        overlap=frame_of_rows(_overlaps(config, run_folder, shown, jobs, reader), OVERLAP),
        queried=frame_of_rows(_queried(config, run_folder, shown, jobs, reader), QUERIED),
        stats={
            job.dataset: facts
            for job in jobs.prepare
            if job.dataset in shown.datasets
            for facts in reader.rows(job, partial(record_of, config, run_folder, job))
        },
        students={
            (job.dataset, job.model): facts
            for job in jobs.distill
            if job.dataset in shown.students
            for facts in reader.rows(job, partial(distillation_of, config, run_folder, job))
        },
        peak_memory=_peak_memory(config, run_folder, shown, jobs, reader),
        counts=_counts(config, run_folder),
        labellers={
            (job.dataset, job.labeller): facts
            for job in jobs.labels
            if (job.labeller, job.dataset) in shown.labellers
            for facts in reader.rows(job, partial(record_of, config, run_folder, job))
        },
        missing=reader.missing,
    )


def _counts(config: Config, run_folder: Path) -> Callable[[str, str, int, tuple[int, ...]], list[Counts]]:
    """Reads the counts of fits, and each test set once."""
    gold = lru_cache(partial(read_gold, config, run_folder))

    @lru_cache(maxsize=128)
    def read(series: str, dataset: str, seed: int, points: tuple[int, ...]) -> list[Counts]:
        return read_counts(config, run_folder, gold(dataset), series, dataset, seed, points)

    return read


def _curves(config: Config, run_folder: Path, shown: Shown, jobs: Jobs, reader: _Reader) -> Iterator[Row]:
    for name, dataset in config.curves_run():
        for seed in config.seeds_of(name) if (name, dataset) in shown.curves else ():
            job = curve_of(config, name, dataset, seed)
            known = {"series": name, **identity(job), "successor": config.series[name].successor}
            yield from reader.rows(job, partial(scores_of, config, run_folder, job, known))
    for full in jobs.full:
        if (full.model, full.dataset) in shown.full:
            known = {"series": "full", **identity(full)}
            yield from reader.rows(full, partial(scores_of, config, run_folder, full, known))


def _timings(config: Config, run_folder: Path, shown: Shown, jobs: Jobs, reader: _Reader) -> Iterator[Row]:
    fitted: list[Fitted] = [*_acquisitions(config, jobs, shown.timed)]
    if shown.times:
        fitted = [*jobs.distill, *jobs.encode, *jobs.acquire, *jobs.successor, *jobs.full]
    for job in fitted:
        yield from reader.rows(job, partial(seconds_of, config, run_folder, job))


def _acquisitions(config: Config, jobs: Jobs, pairs: Iterable[Pair]) -> list[Acquire]:
    """The acquisition jobs of series on datasets, without those that no series runs."""
    folders = {
        trajectory_of(config, *pair, seed).folder for pair in pairs for seed in config.seeds_of(pair[0])
    }
    return [job for job in jobs.acquire if job.folder in folders]


def _overlaps(config: Config, run_folder: Path, shown: Shown, jobs: Jobs, reader: _Reader) -> Iterator[Row]:
    for job in _acquisitions(config, jobs, shown.ranked):
        yield from reader.rows(job, partial(overlap_of, config, run_folder, job))


def _queried(config: Config, run_folder: Path, shown: Shown, jobs: Jobs, reader: _Reader) -> Iterator[Row]:
    gold = lru_cache(partial(gold_of, config, run_folder))
    for job in _acquisitions(config, jobs, shown.queried):
        yield from reader.rows(job, partial(queried_of, config, run_folder, job, gold))


def _peak_memory(
    config: Config, run_folder: Path, shown: Shown, jobs: Jobs, reader: _Reader
) -> dict[Acquirer, list[float]]:
    """Megabytes of acquisition jobs, one value per seed."""
    found: dict[Acquirer, list[float]] = defaultdict(list)
    for job in _acquisitions(config, jobs, shown.measured):
        for facts in reader.rows(job, partial(record_of, config, run_folder, job)):
            acquirer = Acquirer(job.dataset, job.acquisition, job.strategy, job.subsampling)
            found[acquirer].append(float(facts["peak_memory_mb"]))
    return found
