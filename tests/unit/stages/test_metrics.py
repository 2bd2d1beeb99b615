"""Scores of predictions against ones worked by hand."""

import numpy as np
import pytest
from feasible_al.config.data import METRICS
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.predict import Prediction
from feasible_al.stages.metrics import majority_score
from feasible_al.stages.metrics import test_scores as scores_of

LABELS = ("O", "B-X", "I-X", "B-Y", "I-Y")


def scores(gold: list[list[str]], predicted: list[list[str]]) -> dict[str, float]:
    """Of sentences of tags; a prediction may be shorter, where its words were cut off."""
    targets = np.array([LABELS.index(tag) for sentence in gold for tag in sentence])
    labels = np.array([LABELS.index(tag) for sentence in predicted for tag in sentence])
    texts = tuple(tuple("w" for _ in sentence) for sentence in gold)
    test = Split(np.arange(len(gold)), texts, targets)
    offsets = np.cumsum([0, *map(len, predicted)])
    logs = np.zeros((len(labels), len(LABELS)))
    dataset = Dataset("tagging", LABELS, test, test)
    return scores_of(dataset, METRICS["tagging"], Prediction(logs, labels, logs[:, 0], offsets))


@pytest.mark.parametrize(
    ("gold", "predicted", "lenient", "strict"),
    [
        ([["B-X", "I-X", "O"]], [["B-X", "I-X", "O"]], 1.0, 1.0),
        # I- without B- begins a span of conlleval's; strictly there is none, and one of two spans is found.
        ([["B-X", "I-X", "O", "B-Y"]], [["I-X", "I-X", "O", "B-Y"]], 1.0, 2 / 3),
        # An I- of another type begins a span too; strictly the X that is left is as right as before.
        ([["B-X", "B-Y"]], [["B-X", "I-Y"]], 1.0, 2 / 3),
        # Bounds and type must be right in both: two spans predicted, two there, none found.
        ([["B-X", "I-X", "O", "B-Y"]], [["B-X", "O", "O", "B-X"]], 0.0, 0.0),
        # A span does not go on into the next sentence: strictly the second sentence has none.
        ([["B-X"], ["B-X"]], [["B-X"], ["I-X"]], 1.0, 2 / 3),
        # The word cut off is O: the span has other bounds.
        ([["O", "B-X", "I-X"]], [["O", "B-X"]], 0.0, 0.0),
        ([["O", "O"]], [["O", "O"]], 0.0, 0.0),
    ],
)
def test_span_f1_as_conlleval_counts_and_strictly(gold, predicted, lenient, strict):
    found = scores(gold, predicted)
    assert found == pytest.approx({"f1": lenient, "f1_strict": strict})


def classified(gold: list[int]) -> Dataset:
    """Texts of three classes, of which a test set may lack some."""
    test = Split(np.arange(len(gold)), tuple("w" for _ in gold), np.array(gold))
    return Dataset("classification", ("p", "q", "r"), test, test)


@pytest.mark.parametrize(
    ("gold", "predicted", "accuracy", "balanced", "macro"),
    [
        # Recall 3/4 and 1/2; F1 2·3/(4+4) and 2·1/(2+2).
        ([0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 0], 4 / 6, (3 / 4 + 1 / 2) / 2, (6 / 8 + 2 / 4) / 2),
        # A class that the test set lacks is predicted: it has no recall, and an F1 of 0.
        ([0, 0, 1], [0, 2, 1], 2 / 3, (1 / 2 + 1) / 2, (2 / 3 + 1 + 0) / 3),
        # The rarest class is never predicted.
        ([0, 0, 0, 1], [0, 0, 0, 0], 3 / 4, 1 / 2, (6 / 7 + 0) / 2),
        ([2, 2], [2, 2], 1.0, 1.0, 1.0),
        ([0, 1], [1, 0], 0.0, 0.0, 0.0),
    ],
)
def test_scores_of_classes_worked_by_hand(gold, predicted, accuracy, balanced, macro):
    logs = np.zeros((len(gold), 3))
    prediction = Prediction(logs, np.array(predicted), logs[:, 0], np.arange(len(gold) + 1))
    found = scores_of(classified(gold), METRICS["classification"], prediction)
    assert found == pytest.approx({"accuracy": accuracy, "balanced_accuracy": balanced, "macro_f1": macro})


def test_a_constant_answer_has_the_balanced_accuracy_of_chance():
    dataset = classified([0] * 7 + [1] * 2 + [2])
    assert majority_score(dataset, "accuracy") == pytest.approx(7 / 10)
    assert majority_score(dataset, "balanced_accuracy") == pytest.approx(1 / 3)
    assert majority_score(dataset, "macro_f1") == pytest.approx(2 * 7 / (7 + 10) / 3)
