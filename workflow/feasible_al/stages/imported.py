"""A trajectory from a file, in place of an acquisition."""

from pathlib import Path

import numpy as np
import pandas as pd

from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import write_csv, write_parquet
from feasible_al.core.values import existing_file
from feasible_al.data import store
from feasible_al.data.types import Split
from feasible_al.jobs import Acquire, Prepare
from feasible_al.results.columns import (
    METRICS,
    PHASES,
    QUERIES,
    SCORES,
    TEST_LABELS,
    frame_of_rows,
    read_numbered_rows,
)
from feasible_al.results.integrity import result_of
from feasible_al.results.state import NOTHING_TRAINED, leased

WANTED = {name: QUERIES[name] for name in ("iteration", "instance")}


def write_imported(config: Config, job: Acquire, run_folder: Path) -> None:
    """Write the files of an acquisition, with queries from a file; there are no models, scores or times.

    The order of the file's rows is the order of each query.

    Args:
        config: the resolved config.
        job: the trajectory.
        run_folder: ``results/<run>``.

    Raises:
        InputError: if the file is missing, or its rows are not a trajectory of this dataset and budget; names
            the line.
    """
    where = f"imported_trajectories.{job.strategy}.path"
    path = existing_file(config.imported_trajectories[job.strategy].file(job.dataset, job.seed), where)
    train = store.read(run_folder / Prepare(job.dataset).folder).train
    iterations = config.datasets[job.dataset].budget.iterations
    queries = read_trajectory(path, train, iterations, f"datasets.{job.dataset}.budget.iterations")
    empty = {"metrics": METRICS, "timings": PHASES, "scores": SCORES, "test_predictions": TEST_LABELS}
    tables = {"queries": queries} | {name: frame_of_rows([], columns) for name, columns in empty.items()}
    folder = run_folder / job.folder
    with leased(config, job, run_folder, 1) as state:
        if not state.finished():
            state.save(tables, NOTHING_TRAINED)
        for name in ("queries", "metrics", "timings"):
            write_csv(folder / f"{name}.csv", tables[name])
        for name in ("scores", "test_predictions"):
            write_parquet(folder / f"{name}.parquet", tables[name])
        state.write_manifest(result_of(job), {0: 0})


def read_trajectory(path: Path, train: Split, iterations: int, where: str) -> pd.DataFrame:
    """The table of ``queries.csv``.

    Args:
        path: a CSV file with the columns iteration and instance.
        train: the training set, which has the instances.
        iterations: how many follow the seed set.
        where: the config key that says how many, for errors.

    Raises:
        InputError: see :func:`write_imported`.
    """
    remedy = "a trajectory has an instance id and its iteration on each line"
    numbered = read_numbered_rows(path, WANTED, remedy)
    given = frame_of_rows([row for _, row in numbered], WANTED)
    found = sorted(given["iteration"].unique())
    if found != list(range(iterations + 1)):
        listed = ", ".join(map(str, found)) or "none"
        raise InputError(f"has the iterations {listed}, but {where} asks for 0 to {iterations}", str(path))
    for fault, rows in (
        ("is not in the training set", ~given["instance"].isin(train.ids)),
        ("is queried twice", given["instance"].duplicated()),
    ):
        if rows.any():
            first = int(np.flatnonzero(rows)[0])
            raise InputError(f"instance {given['instance'][first]} {fault}", f"{path}:{numbered[first][0]}")
    queries = given.sort_values("iteration", kind="stable", ignore_index=True)
    tokens = pd.Series(train.tokens, index=train.ids)
    return pd.DataFrame(
        {
            "iteration": queries["iteration"],
            "rank": queries.groupby("iteration").cumcount() + 1,
            "instance": queries["instance"],
            "score": np.nan,
            "tokens": tokens.loc[queries["instance"]].to_numpy(),
        }
    )
