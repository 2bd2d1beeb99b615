"""Correct predictions of fits on the test set, counted by instance, from stored predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from feasible_al.config.data import Task
from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError
from feasible_al.data.store import COLUMNS
from feasible_al.jobs import TEST_PREDICTIONS, Prepare, Successor, curve_of
from feasible_al.results.columns import TEST_LABELS, read_parquet_checked
from feasible_al.results.integrity import remedy_of, result_at, result_of, verify


@dataclass(frozen=True)
class Counts:
    """Correct predictions of a fit by test instance; the score is sum(hits) / sum(of).

    Attributes:
        hits: int64[n], 1 where the label is right; when tagging, twice the number of right spans.
        of: int64[n], 1; when tagging, the number of predicted spans plus that of gold spans.
    """

    hits: np.ndarray
    of: np.ndarray

    @property
    def score(self) -> float:
        """Accuracy, or span F1 as conlleval counts; 0 if there are no spans."""
        return float(self.hits.sum() / max(1, self.of.sum()))


def counts_of(
    task: Task, gold: Sequence[Sequence[str] | str], found: Sequence[Sequence[str] | str]
) -> Counts:
    """The counts of predictions.

    Args:
        task: of the dataset.
        gold: a label for each instance, or a list of tags when tagging.
        found: the predictions, in the same form.
    """
    if task == "classification":
        right = np.array([one == other for one, other in zip(gold, found, strict=True)], dtype=np.int64)
        return Counts(right, np.ones_like(right))
    pairs = [(_spans(tuple(one)), _spans(tuple(other))) for one, other in zip(gold, found, strict=True)]
    hits = np.array([2 * len(there & said) for there, said in pairs], dtype=np.int64)
    return Counts(hits, np.array([len(there) + len(said) for there, said in pairs], dtype=np.int64))


@lru_cache(maxsize=100_000)  # most sentences have the same tags at most points
def _spans(tags: tuple[str, ...]) -> frozenset[tuple[str, int, int]]:
    from seqeval.metrics.sequence_labeling import get_entities

    return frozenset(get_entities(list(tags)))


def read_counts(
    config: Config, run_folder: Path, series: str, dataset: str, seed: int, points: Sequence[int]
) -> list[Counts]:
    """The counts of a series' fits at some points, instances in the order of the test set.

    Raises:
        InputError: if a file is absent, damaged, of another config or not of this test set.
    """
    task, job = config.datasets[dataset].task, curve_of(config, series, dataset, seed)
    prepared = result_of(Prepare(dataset))
    verify(config, prepared, run_folder, ["test.parquet"])
    label = COLUMNS[task][1]
    test = pd.read_parquet(run_folder / prepared.folder / "test.parquet", columns=["id", label])
    gold, found = test[label].tolist(), []
    for point in points:
        result = result_at(job, point) if isinstance(job, Successor) else result_of(job)
        verify(config, result, run_folder, [TEST_PREDICTIONS])
        path, remedy = run_folder / result.folder / TEST_PREDICTIONS, remedy_of(result, run_folder)
        table = read_parquet_checked(path, TEST_LABELS, remedy)
        table = table[table["point"] == point]
        if not np.array_equal(table["instance"], test["id"]):
            raise InputError(
                f"the instances at point {point} are not those of the test set; {remedy}", str(path)
            )
        found.append(counts_of(task, gold, table["prediction"].tolist()))
    return found
