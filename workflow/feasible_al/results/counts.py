"""Correct predictions of fits on the test set, counted by instance, from stored predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from feasible_al.config.data import METRICS, Metric
from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError
from feasible_al.data.store import COLUMNS
from feasible_al.jobs import TEST_PREDICTIONS, Prepare, Successor, curve_of
from feasible_al.results.columns import TEST_LABELS, read_parquet_checked
from feasible_al.results.integrity import remedy_of, result_at, result_of, verify


@dataclass(frozen=True)
class Counts:
    """Correct predictions of a fit by test instance and group: the classes of a mean over classes, else one.

    The score is the mean of sum(hits) / sum(of) over the groups that have any.

    Attributes:
        hits: int[n, groups]. Accuracy: 1 where the label is right; balanced accuracy: in the group of the
            gold class. F1: twice the number of right spans, or of right labels of a class.
        of: int[n, groups]. Accuracy: 1; balanced accuracy: in the group of the gold class. F1: the number of
            predicted spans plus that of gold spans, or the same of labels of a class.
    """

    hits: np.ndarray
    of: np.ndarray

    @property
    def score(self) -> float:
        """The metric on the whole test set."""
        return float(score_of_sums(self.hits.sum(axis=0), self.of.sum(axis=0)))


def score_of_sums(hits: np.ndarray, of: np.ndarray) -> np.ndarray:
    """float64[...]: the scores of sums of counts over test sets, [..., groups]; 0 where there is no group."""
    ratios = hits / np.maximum(1, of)
    scores: np.ndarray = ratios.sum(axis=-1) / np.maximum(1, (of > 0).sum(axis=-1))
    return scores


def counts_of(
    metric: Metric, gold: Sequence[Sequence[str] | str], found: Sequence[Sequence[str] | str]
) -> Counts:
    """The counts of predictions.

    Args:
        metric: that of the dataset.
        gold: a label for each instance, or a list of tags when tagging.
        found: the predictions, in the same form.
    """
    if metric in METRICS["tagging"]:
        spans = _strict_spans if metric == "f1_strict" else _spans
        pairs = [(spans(tuple(one)), spans(tuple(other))) for one, other in zip(gold, found, strict=True)]
        hits = [2 * len(there & said) for there, said in pairs]
        return Counts(_column(hits), _column([len(there) + len(said) for there, said in pairs]))
    if metric == "accuracy":
        right = _column([one == other for one, other in zip(gold, found, strict=True)])
        return Counts(right, np.ones_like(right))
    # A byte each: there may be many classes, and many fits are held at a time.
    classes = np.unique([*gold, *found])
    there, said = ((np.array(labels)[:, None] == classes).astype(np.uint8) for labels in (gold, found))
    if metric == "balanced_accuracy":
        return Counts(there * said, there)
    return Counts(2 * there * said, there + said)


def _column(values: Sequence[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64)[:, None]


@lru_cache(maxsize=100_000)  # most sentences have the same tags at most points
def _spans(tags: tuple[str, ...]) -> frozenset[tuple[str, int, int]]:
    from seqeval.metrics.sequence_labeling import get_entities

    return frozenset(get_entities(list(tags)))


@lru_cache(maxsize=100_000)
def _strict_spans(tags: tuple[str, ...]) -> frozenset[tuple[str, int, int]]:
    from seqeval.scheme import IOB2, Entities

    (entities,) = Entities([list(tags)], IOB2).entities
    return frozenset((entity.tag, entity.start, entity.end) for entity in entities)


Gold = tuple["pd.Series[int]", list[Any]]
"""The ids of a test set, and the label of each, or its list of tags."""


def read_gold(config: Config, run_folder: Path, dataset: str) -> Gold:
    """The labels of a test set.

    Raises:
        InputError: if its file is absent, damaged or of another config.
    """
    prepared = result_of(Prepare(dataset))
    verify(config, prepared, run_folder, ["test.parquet"])
    label = COLUMNS[config.datasets[dataset].task][1]
    test = pd.read_parquet(run_folder / prepared.folder / "test.parquet", columns=["id", label])
    return test["id"], test[label].tolist()


def read_counts(
    config: Config,
    run_folder: Path,
    gold: Gold,
    series: str,
    dataset: str,
    seed: int,
    points: Sequence[int],
) -> list[Counts]:
    """The counts of a series' fits at some points, instances in the order of the test set.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        gold: the labels of the dataset's test set.
        series: whose fits.
        dataset: where.
        seed: of the fits.
        points: of their curve.

    Raises:
        InputError: if a file is absent, damaged, of another config or not of this test set.
    """
    block, job = config.datasets[dataset], curve_of(config, series, dataset, seed)
    (ids, labels), found = gold, []
    tables: dict[Path, pd.DataFrame] = {}  # a trajectory's has all of its points
    for point in points:
        result = result_at(job, point) if isinstance(job, Successor) else result_of(job)
        path, remedy = run_folder / result.folder / TEST_PREDICTIONS, remedy_of(result, run_folder)
        if path not in tables:
            verify(config, result, run_folder, [TEST_PREDICTIONS])
            tables[path] = read_parquet_checked(path, TEST_LABELS, remedy)
        table = tables[path][tables[path]["point"] == point]
        if not np.array_equal(table["instance"], ids):
            raise InputError(
                f"the instances at point {point} are not those of the test set; {remedy}", str(path)
            )
        found.append(counts_of(block.shown_metric, labels, table["prediction"].tolist()))
    return found
