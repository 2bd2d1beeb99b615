"""The stages that fit one model: a successor at the points of a trajectory, or on the whole training set."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from feasible_al.config import Config
from feasible_al.config.blocks import SelfInfluence
from feasible_al.core.errors import InputError
from feasible_al.core.io import write_csv, write_parquet
from feasible_al.jobs import PREDICTIONS, TEST_PREDICTIONS, Full, Successor, options_of
from feasible_al.results.columns import PHASES, frame_of_rows
from feasible_al.results.integrity import result_at, result_of
from feasible_al.results.kept import kept_points, restore_points
from feasible_al.results.state import State, leased
from feasible_al.stages.deadline import in_time
from feasible_al.stages.labelling import gold_training_data, pseudo_training_data
from feasible_al.stages.shared import Shared


def fit_successor(config: Config, job: Successor, run_folder: Path, shared: Shared) -> None:
    """Fit a successor at points of a trajectory and write ``point<p>/`` folders.

    It learns from the gold labels; if there is a labeller, also from its predictions for the rest of the pool
    (PLASM; paper, section 3.3). If these are filtered by self-influence, a first fit comes before. A finished
    point is kept in the job's state and never repeated, nor is one that was finished before the job got more
    points.

    Args:
        config: the resolved config.
        job: the successor and its trajectory.
        run_folder: ``results/<run>``.
        shared: the dataset and the successor's model.

    Raises:
        InputError: if the data, the trajectory or the labeller's predictions are missing.
        FitFailure: if a fit cannot go on; the points before it are kept.
        OutOfTime: if the next point would not be done before the job's time limit.
    """
    trajectory = job.trajectory
    dataset = shared.dataset(trajectory.dataset)
    points = config.datasets[trajectory.dataset].budget.iterations + 1
    queries = read_queries(run_folder / trajectory.folder / "queries.csv", points)
    kept = kept_points(config, job, run_folder)
    points_to_fit = tuple(point for point in job.points if point not in kept)
    with leased(config, job, run_folder, len(points_to_fit)) as state:
        left = points_to_fit[state.finished() :]
        if left:
            fitting = shared.fitting(trajectory.dataset, job.model, first=left[0])
        for point in in_time(left):
            known = queries.loc[queries["iteration"] <= point, "instance"].to_numpy()
            gold = np.flatnonzero(np.isin(dataset.train.ids, known))
            data = gold_training_data(dataset, gold)
            steps_of = len(dataset.train) if job.steps_of_pool else None
            if job.labeller is not None:
                labels = run_folder / job.labels_at(config, point) / PREDICTIONS
                options, imported = options_of(config, job), job.labeller in config.imported_labellers
                plasm = pseudo_training_data(dataset, gold, labels, options, imported=imported)
                influence = options.drop if isinstance(options.drop, SelfInfluence) else None
                if job.control:  # gold labels only, for as many steps as with pseudo-labels
                    steps_of = len(plasm.rows) - (influence.dropped(len(plasm.pseudo)) if influence else 0)
                elif influence:
                    data = fitting.filtered(plasm, influence, trajectory.seed, point)
                else:
                    data = plasm
            model, frames = fitting.fit(data, trajectory.seed, point, step=point, steps_of=steps_of)
            if point in job.predicted:
                words = dataset.train.tokens
                size = len(words) - len(gold), int(words.sum() - words[gold].sum())
                with fitting.clock.phase(point, "inference", *size):
                    frames["predictions"] = fitting.label_rest(model, gold, soft=job.soft)
            frames["timings"] = frame_of_rows(fitting.clock.take(), PHASES)
            pseudo = len(data.rows) - len(gold)
            state.save(frames, fitting.facts() | {"pseudo_instances": pseudo})
        _write(job, points_to_fit, state, run_folder / job.folder)
        restore_points(config, job, run_folder)


def _write(job: Successor, points: Sequence[int], state: State, folder: Path) -> None:
    for step, point in enumerate(points):
        frames = state.frames(step)
        if point in job.predicted:
            write_parquet(folder / f"point{point}" / PREDICTIONS, frames["predictions"])
        for name in ("metrics", "timings"):
            write_csv(folder / f"point{point}" / f"{name}.csv", frames[name])
        write_parquet(folder / f"point{point}" / TEST_PREDICTIONS, frames["test_predictions"])
        pseudo = state.facts(step)["pseudo_instances"]
        state.write_manifest(result_at(job, point), {step: point}, pseudo_instances=pseudo)


def read_queries(path: Path, points: int) -> pd.DataFrame:
    """The queries of a trajectory.

    Raises:
        InputError: if the file is missing or is not a complete trajectory.
    """
    if not path.exists():
        raise InputError("the trajectory is missing; rerun its acquisition", str(path))
    queries = pd.read_csv(path)
    if "iteration" not in queries or sorted(queries["iteration"].unique()) != list(range(points)):
        raise InputError(f"not the queries of iterations 0 to {points - 1}; rerun the acquisition", str(path))
    return queries


def fit_full(config: Config, job: Full, run_folder: Path, shared: Shared) -> None:
    """Fit a model on all gold labels of a training set and write its scores, predictions, times and manifest.

    Args:
        config: the resolved config.
        job: the dataset, model and seed.
        run_folder: ``results/<run>``.
        shared: the dataset and the model.

    Raises:
        InputError: if the data are missing.
        FitFailure: if the fit cannot go on.
    """
    dataset = shared.dataset(job.dataset)
    with leased(config, job, run_folder, 1) as state:
        if not state.finished():
            fitting = shared.fitting(job.dataset, job.model, first=0)
            data = gold_training_data(dataset, np.arange(len(dataset.train)))
            _, tables = fitting.fit(data, job.seed, point=0, step=0)
            timings = frame_of_rows(fitting.clock.take(), PHASES)
            state.save({**tables, "timings": timings}, fitting.facts())
        folder = run_folder / job.folder
        tables = state.frames(0)
        for name in ("metrics", "timings"):
            write_csv(folder / f"{name}.csv", tables[name])
        write_parquet(folder / TEST_PREDICTIONS, tables["test_predictions"])
        state.write_manifest(result_of(job), {0: 0})
