"""Scores of predictions against ones worked by hand."""

import numpy as np
import pytest
from feasible_al.config.data import METRIC
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.predict import Prediction
from feasible_al.stages.metrics import STRICT
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
    return scores_of(Dataset("tagging", LABELS, test, test), Prediction(logs, labels, logs[:, 0], offsets))


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
    assert list(found) == [METRIC["tagging"], STRICT]
    assert found == pytest.approx({METRIC["tagging"]: lenient, STRICT: strict})


def test_classification_has_accuracy_alone():
    test = Split(np.arange(4), ("a", "b", "c", "d"), np.array([0, 1, 1, 0]))
    prediction = Prediction(np.zeros((4, 2)), np.array([0, 1, 0, 0]), np.zeros(4), np.arange(5))
    assert scores_of(Dataset("classification", ("p", "q"), test, test), prediction) == {"accuracy": 0.75}
