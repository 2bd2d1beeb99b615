"""A labeller's predictions for the rest of the pool, fitted or imported; read by PLASM successors."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from feasible_al.config.blocks import ByConfidence, PseudoLabels, Threshold
from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset
from feasible_al.engine.predict import Prediction


def predictions_table(
    dataset: Dataset, rows: np.ndarray, prediction: Prediction | None, *, soft: bool
) -> pd.DataFrame:
    """The table of ``predictions.parquet``: a row per unit of the pool.

    Columns: instance; label, an index into the dataset's labels; log_proba, whose sum over an instance is
    the log-probability of all its labels; and, when ``soft``, p0, p1, ... of each class. A word that the
    labeller's truncation cut off is labelled ``O`` with probability 1, as in evaluation.

    Args:
        dataset: the pool is part of its training set.
        rows: int64[n], positions of the pool in the training set.
        prediction: for these rows; None when there are none.
        soft: whether the probabilities are needed.
    """
    words = units_of(dataset)[rows]
    instance = np.repeat(dataset.train.ids[rows], words)
    label = np.full(len(instance), dataset.labels.index("O") if dataset.task == "tagging" else 0)
    log_proba = np.zeros(len(instance), dtype=np.float32)
    proba = np.zeros((len(instance) if soft else 0, len(dataset.labels)), dtype=np.float32)
    if soft:
        proba[:, label[:1]] = 1.0
    if prediction is not None:
        within = np.arange(len(instance)) - np.repeat(np.cumsum(words) - words, words)
        present = within < np.repeat(np.diff(prediction.offsets), words)
        label[present] = prediction.labels
        log_proba[present] = prediction.label_log_proba
        if soft:
            proba[present] = np.exp(prediction.log_proba)
    table = {"instance": instance, "label": label, "log_proba": log_proba}
    if soft:
        table |= {f"p{number}": proba[:, number] for number in range(len(dataset.labels))}
    return pd.DataFrame(table)


@dataclass(frozen=True)
class TrainingData:
    """What a model learns from at a point.

    Attributes:
        rows: int64[n], sorted; positions in the training set.
        targets: int64[units of the training set], or float32[units, classes]; those outside ``rows`` are
            never read.
        weights: float32[training set], or None when all count the same.
        gold: int64[k], sorted; those of ``rows`` whose labels are gold.
    """

    rows: np.ndarray
    targets: np.ndarray
    weights: np.ndarray | None
    gold: np.ndarray

    @property
    def pseudo(self) -> np.ndarray:
        """int64[m], sorted; those of ``rows`` whose labels are a labeller's."""
        return np.setdiff1d(self.rows, self.gold)

    def without(self, rows: np.ndarray) -> "TrainingData":
        """The same but for some rows."""
        return replace(self, rows=np.setdiff1d(self.rows, rows))


def gold_training_data(dataset: Dataset, rows: np.ndarray) -> TrainingData:
    """Gold labels only."""
    return TrainingData(rows, dataset.train.targets, None, rows)


def pseudo_training_data(
    dataset: Dataset, gold: np.ndarray, path: Path, options: PseudoLabels, *, imported: bool = False
) -> TrainingData:
    """Gold labels, and a labeller's labels for the rest of the pool (PLASM; paper, section 3.3).

    Only confidence leaves out labels here; self-influence needs a fit on all of them.

    Args:
        dataset: the dataset.
        gold: int64[n], sorted; positions of the gold-labelled instances.
        path: the labeller's ``predictions.parquet``.
        options: how the predictions are used.
        imported: whether they were made elsewhere: then they may be for any part of the training set. Gold
            labels go before them, and what they leave out of the pool has no label.

    Raises:
        InputError: if the predictions are missing, are not for the rest of this pool, or have no confidence
            although the options need it.
    """
    probabilities = [f"p{number}" for number in range(len(dataset.labels))] if options.soft else []
    table = _read(path, None if imported else ["instance", "label", "log_proba", *probabilities])
    if imported and isinstance(options.drop, ByConfidence) and "confidence" not in table:
        message = "the imported labels have no confidence, but pseudo-labels are dropped by it"
        raise InputError(message, str(path))
    units = units_of(dataset)
    pool = np.setdiff1d(np.arange(len(dataset.train)), gold)
    if imported:
        pool = pool[np.isin(dataset.train.ids[pool], table["instance"])]
        table = table[table["instance"].isin(dataset.train.ids[pool])]
    if not np.array_equal(table["instance"].to_numpy(), np.repeat(dataset.train.ids[pool], units[pool])):
        raise InputError("not the predictions for the rest of the pool; rerun the labeller's job", str(path))
    in_pool = np.repeat(np.isin(np.arange(len(dataset.train)), pool), units)
    targets = dataset.train.targets.copy()
    targets[in_pool] = table["label"].to_numpy()
    if options.soft:
        targets = np.eye(len(dataset.labels), dtype=np.float32)[targets]
        targets[in_pool] = table[probabilities].to_numpy()
    kept = pool
    if isinstance(options.drop, ByConfidence) and len(pool):
        starts = np.cumsum(units[pool]) - units[pool]
        if imported:
            confidence = table["confidence"].to_numpy()[starts]
        else:
            confidence = _confidence(table["log_proba"].to_numpy(), starts, units[pool], dataset.task)
        kept = pool[_confident(confidence, options.drop)]
    weights = None
    if options.gold_weight != 1:
        weights = np.ones(len(dataset.train), dtype=np.float32)
        weights[gold] = options.gold_weight
    return TrainingData(np.union1d(gold, kept), targets, weights, gold)


def _confidence(log_proba: np.ndarray, starts: np.ndarray, units: np.ndarray, task: str) -> np.ndarray:
    """float64[n]: how sure a model is of its labels, from the log-probabilities of each instance's units."""
    mean = np.add.reduceat(log_proba.astype(np.float64), starts) / units
    found: np.ndarray = np.exp(mean) if task == "classification" else 1.0 + mean  # 1 - MNLP
    return found


def _confident(confidence: np.ndarray, drop: ByConfidence) -> np.ndarray:
    """bool[n]: which instances of the pool are labelled with enough confidence."""
    if isinstance(drop, Threshold):
        above: np.ndarray = confidence > drop.confidence
        return above
    kept = np.ones(len(confidence), dtype=bool)
    kept[np.argsort(confidence, kind="stable")[: drop.dropped(len(confidence))]] = False
    return kept


def units_of(dataset: Dataset) -> np.ndarray:
    """int64[n]: predictions per training instance."""
    return dataset.train.tokens if dataset.task == "tagging" else np.ones(len(dataset.train), dtype=np.int64)


def _read(path: Path, columns: list[str] | None) -> pd.DataFrame:
    try:
        return pd.read_parquet(path, columns=columns)
    except (OSError, ValueError) as error:
        raise InputError(f"missing or damaged ({error}); rerun the labeller's job", str(path)) from error
