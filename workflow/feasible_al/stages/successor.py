"""A successor fitted at every point of a trajectory."""

from pathlib import Path

import numpy as np
import pandas as pd

from feasible_al.columns import PHASES, frame_of_rows
from feasible_al.config import Config
from feasible_al.config.jobs import Prepare, Successor
from feasible_al.data import store
from feasible_al.errors import InputError
from feasible_al.io import write_csv
from feasible_al.stages.fitting import Fitting
from feasible_al.stages.state import leased


def fit_successor(config: Config, job: Successor, run_folder: Path, threads: int) -> None:
    """Fit a successor on the gold labels of every point and write ``point<p>/`` folders.

    A finished point is kept in the job's state and never repeated.

    Args:
        config: the resolved config.
        job: the successor and its trajectory.
        run_folder: ``results/<run>``.
        threads: CPU threads.

    Raises:
        InputError: if the data or the trajectory are missing.
    """
    trajectory = job.trajectory
    points = config.datasets[trajectory.dataset].budget.iterations + 1
    dataset = store.read(run_folder / Prepare(trajectory.dataset).folder)
    queries = read_queries(run_folder / trajectory.folder / "queries.csv", points)
    with leased(config, job, run_folder, points) as state:
        if state.finished() < points:
            fitting = Fitting(config, trajectory.dataset, job.model, dataset, threads, first=state.finished())
            for point in range(state.finished(), points):
                known = queries.loc[queries["iteration"] <= point, "instance"].to_numpy()
                rows = np.flatnonzero(np.isin(dataset.train.ids, known))
                _, metrics = fitting.fit(rows, trajectory.seed, point, step=point)
                timings = frame_of_rows(fitting.clock.take(), PHASES)
                state.save({"metrics": metrics, "timings": timings}, fitting.facts())
        for point in range(points):
            folder = run_folder / job.folder / f"point{point}"
            for name, table in state.frames(point).items():
                write_csv(folder / f"{name}.csv", table)
            state.write_manifest(folder, first_step=0)


def read_queries(path: Path, points: int) -> pd.DataFrame:
    """The queries of a trajectory.

    Raises:
        InputError: if the file is missing or is not a whole trajectory.
    """
    if not path.exists():
        raise InputError("the trajectory is missing; rerun its acquisition", str(path))
    queries = pd.read_csv(path)
    if "iteration" not in queries or sorted(queries["iteration"].unique()) != list(range(points)):
        raise InputError(f"not the queries of iterations 0 to {points - 1}; rerun the acquisition", str(path))
    return queries
