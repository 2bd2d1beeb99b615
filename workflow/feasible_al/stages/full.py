"""A model fitted on the whole training set: the upper bound of every curve."""

from pathlib import Path

import numpy as np

from feasible_al.config import Config
from feasible_al.core.io import write_csv, write_parquet
from feasible_al.data import store
from feasible_al.jobs import TEST_PREDICTIONS, Full, Prepare
from feasible_al.results.columns import PHASES, frame_of_rows
from feasible_al.results.integrity import result_of
from feasible_al.results.state import leased
from feasible_al.stages.fitting import Fitting
from feasible_al.stages.labelling import gold_lesson


def fit_full(config: Config, job: Full, run_folder: Path, threads: int) -> None:
    """Fit a model on all gold labels of a training set and write its scores, predictions, times and manifest.

    Args:
        config: the resolved config.
        job: the dataset, model and seed.
        run_folder: ``results/<run>``.
        threads: CPU threads.

    Raises:
        InputError: if the data are missing.
        FitFailure: if the fit cannot go on.
    """
    dataset = store.read(run_folder / Prepare(job.dataset).folder)
    with leased(config, job, run_folder, 1) as state:
        if not state.finished():
            fitting = Fitting(config, job.dataset, job.model, dataset, run_folder, threads, first=0)
            lesson = gold_lesson(dataset, np.arange(len(dataset.train)))
            _, tables = fitting.fit(lesson, job.seed, point=0, step=0)
            timings = frame_of_rows(fitting.clock.take(), PHASES)
            state.save({**tables, "timings": timings}, fitting.facts())
        folder = run_folder / job.folder
        tables = state.frames(0)
        for name in ("metrics", "timings"):
            write_csv(folder / f"{name}.csv", tables[name])
        write_parquet(folder / TEST_PREDICTIONS, tables["test_predictions"])
        state.write_manifest(result_of(job), {0: 0})
