"""Scores of predictions: the metrics of a config."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from feasible_al.config.data import Metric
from feasible_al.data import store
from feasible_al.data.types import Dataset
from feasible_al.engine.predict import Prediction


def test_scores(dataset: Dataset, metrics: Sequence[Metric], prediction: Prediction) -> dict[Metric, float]:
    """Scores of a prediction for the whole test set, in [0, 1]; words that were cut off are ``O``."""
    gold, predicted = dataset.test.targets, predicted_labels(dataset, prediction)
    return {metric: score(dataset, metric, gold, predicted) for metric in metrics}


def test_predictions(dataset: Dataset, prediction: Prediction, point: int) -> pd.DataFrame:
    """The rows of ``test_predictions.parquet`` of one point, in the order of the test set.

    Columns: point; instance, an id of ``test.parquet``; prediction, a label's name, or a list of tags when
    tagging, one for each word. Every score in ``metrics.csv`` follows from them.
    """
    predicted = replace(dataset.test, targets=predicted_labels(dataset, prediction))
    table = store.to_frame(predicted, dataset.task, dataset.labels)
    label = store.COLUMNS[dataset.task][1]
    return pd.DataFrame({"point": point, "instance": table["id"], "prediction": table[label]})


def majority_score(dataset: Dataset, metric: Metric) -> float:
    """The score of the test set's most frequent label everywhere; a fit that learnt anything scores more."""
    gold = dataset.test.targets
    return score(dataset, metric, gold, np.full_like(gold, np.bincount(gold).argmax()))


def predicted_labels(dataset: Dataset, prediction: Prediction) -> np.ndarray:
    """int64: the labels predicted for the whole test set; ``O`` for words that truncation cut off."""
    if dataset.task == "classification":
        return prediction.labels
    words = dataset.test.tokens
    kept = np.diff(prediction.offsets)
    starts = np.cumsum(words) - words
    labels = np.full(words.sum(), dataset.labels.index("O"))
    labels[np.arange(words.sum()) - np.repeat(starts, words) < np.repeat(kept, words)] = prediction.labels
    return labels


def score(dataset: Dataset, metric: Metric, gold: np.ndarray, predicted: np.ndarray) -> float:
    """The score of labels predicted for the test set, in [0, 1].

    Balanced accuracy is the mean recall of the classes that the test set has. Macro F1 is the mean F1 of the
    classes that occur in it or are predicted. Span F1 is seqeval's micro average: in its default mode,
    that of conlleval, an I- tag that continues no span of its type begins one; strictly, it is ignored.

    Args:
        dataset: with its test set.
        metric: one of the task's.
        gold: int64, a class per text or a tag per word.
        predicted: int64, in the same form.
    """
    if metric == "accuracy":
        return float((predicted == gold).mean())
    import sklearn.metrics  # slow, and accuracy does not need it
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    match metric:
        case "balanced_accuracy":
            return float(
                sklearn.metrics.recall_score(gold, predicted, labels=np.unique(gold), average="macro")
            )
        case "macro_f1":
            return float(sklearn.metrics.f1_score(gold, predicted, average="macro"))
        case "f1":
            return float(f1_score(*_sequences(dataset, gold, predicted), zero_division=0))
        case "f1_strict":
            sequences = _sequences(dataset, gold, predicted)
            return float(f1_score(*sequences, mode="strict", scheme=IOB2, zero_division=0))


def _sequences(dataset: Dataset, gold: np.ndarray, predicted: np.ndarray) -> list[list[list[str]]]:
    """The tag names of both, sentence by sentence."""
    names = np.array(dataset.labels, dtype=object)
    ends = np.cumsum(dataset.test.tokens)[:-1]
    return [[part.tolist() for part in np.split(names[tags], ends)] for tags in (gold, predicted)]
