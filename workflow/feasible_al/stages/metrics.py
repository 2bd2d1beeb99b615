"""Test scores: accuracy when classifying, span F1 when tagging."""

import numpy as np

from feasible_al.data.types import Dataset
from feasible_al.engine.tokens import Tokens

METRIC = {"classification": "accuracy", "tagging": "f1"}


def test_score(dataset: Dataset, tokens: Tokens, log_proba: np.ndarray) -> float:
    """The score of predictions on the whole test set, in [0, 1].

    Span F1 is seqeval's micro average in its default mode (that of conlleval). A word that truncation cut
    off counts as predicted ``O``.

    Args:
        dataset: with its test set.
        tokens: the tokenized test set.
        log_proba: float[units, classes], in the order of the test set.
    """
    predicted = log_proba.argmax(axis=1)
    if dataset.task == "classification":
        return float((predicted == dataset.test.targets).mean())
    from seqeval.metrics import f1_score  # imports scikit-learn, which classification does not need

    ends = np.cumsum(dataset.test.tokens)
    gold, guessed = [], []
    for i, (end, words) in enumerate(zip(ends, dataset.test.tokens, strict=True)):
        kept = [dataset.labels[tag] for tag in predicted[tokens.unit_offsets[i] : tokens.unit_offsets[i + 1]]]
        gold.append([dataset.labels[tag] for tag in dataset.test.targets[end - words : end]])
        guessed.append(kept + ["O"] * (words - len(kept)))
    return float(f1_score(gold, guessed, zero_division=0))
