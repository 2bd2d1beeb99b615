"""Pseudo-labels from a file, in the place of PLASM's labeller."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from feasible_al.config import Config
from feasible_al.config.data import Metric
from feasible_al.core.errors import InputError, unknown_name
from feasible_al.core.io import write_parquet
from feasible_al.core.values import existing_file
from feasible_al.data.types import Dataset, Split
from feasible_al.jobs import PREDICTIONS, ImportLabels
from feasible_al.results.imported import read_labels
from feasible_al.results.integrity import result_of
from feasible_al.results.state import NOTHING_TRAINED, leased
from feasible_al.stages.labelling import units_of
from feasible_al.stages.metrics import score
from feasible_al.stages.shared import Shared


def import_labels(config: Config, job: ImportLabels, run_folder: Path, shared: Shared) -> None:
    """Write an imported labeller's ``predictions.parquet``, and a manifest that says how good they are.

    The same table serves every seed and point: gold labels go before it when a successor is trained.

    Args:
        config: the resolved config.
        job: the labeller and the dataset.
        run_folder: ``results/<run>``.
        shared: the dataset.

    Raises:
        InputError: if the file is missing, or its rows are not labels for the training set; names the line.
    """
    where = f"imported_labellers.{job.labeller}.path"
    path = existing_file(config.imported_labellers[job.labeller].file(job.dataset), where)
    dataset = shared.dataset(job.dataset)
    table = labels_table(path, dataset)
    metrics = config.datasets[job.dataset].stored_metrics
    scores = {metric: label_quality(table, dataset, metric) for metric in metrics}
    with leased(config, job, run_folder, 1) as state:
        if not state.finished():
            state.save({"predictions": table}, NOTHING_TRAINED)
        write_parquet(run_folder / job.folder / PREDICTIONS, table)
        state.write_manifest(
            result_of(job),
            {0: 0},
            instances=table["instance"].nunique(),
            training_instances=len(dataset.train),
            labels=len(table),
            scores=scores,
        )


def labels_table(path: Path, dataset: Dataset) -> pd.DataFrame:
    """The labels of a file, by ascending instance; a row per text, or per word when tagging.

    Columns: instance; label, an index into the dataset's labels; and, if the file has it, confidence, which
    all words of a sentence share.

    Args:
        path: a CSV file with a line per instance.
        dataset: the instances are part of its training set.

    Raises:
        InputError: see :func:`import_labels`.
    """
    known = {name: index for index, name in enumerate(dataset.labels)}
    place = {instance: row for row, instance in enumerate(dataset.train.ids.tolist())}
    units = units_of(dataset)
    found: dict[int, tuple[list[int], dict[str, Any]]] = {}
    for line, row in read_labels(path):
        where, instance = f"{path}:{line}", row["instance"]
        if instance not in place:
            raise InputError(_outside(instance, dataset), where)
        if instance in found:
            raise InputError(f"instance {instance} is labelled twice", where)
        names = row["label"].split() if dataset.task == "tagging" else [row["label"]]
        if len(names) != units[place[instance]]:
            words = units[place[instance]]
            message = f"instance {instance} has {words} words, but {len(names)} tags; separate them by blanks"
            raise InputError(message, where)
        for name in names:
            if name not in known:
                raise unknown_name("label", name, dataset.labels, where)
        found[instance] = [known[name] for name in names], row
    return pd.DataFrame(_columns(dict(sorted(found.items()))))


def label_quality(table: pd.DataFrame, dataset: Dataset, metric: Metric) -> float:
    """The score in [0, 1] of labels from :func:`labels_table` against the gold labels of their instances."""
    given = np.isin(dataset.train.ids, table["instance"])
    rows = np.flatnonzero(given)
    gold = Split(
        dataset.train.ids[rows],
        tuple(dataset.train.texts[row] for row in rows),
        dataset.train.targets[np.repeat(given, units_of(dataset))],
    )
    # Scored like a test set.
    return score(replace(dataset, test=gold), metric, gold.targets, table["label"].to_numpy())


def _columns(found: dict[int, tuple[list[int], dict[str, Any]]]) -> dict[str, np.ndarray]:
    sizes = [len(labels) for labels, _ in found.values()]
    columns = {
        "instance": np.repeat(np.array([*found], dtype=np.int64), sizes),
        "label": np.array([label for labels, _ in found.values() for label in labels], dtype=np.int64),
    }
    sure = [row["confidence"] for _, row in found.values() if "confidence" in row]
    return columns | ({"confidence": np.repeat(sure, sizes)} if sure else {})


def _outside(instance: int, dataset: Dataset) -> str:
    """What is wrong with an instance that is not in the training set."""
    message = f"instance {instance} is not in the training set"
    if instance in dataset.test.ids:
        message += ", but in the test set, whose labels no model may learn from"
    return message
