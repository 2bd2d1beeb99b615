"""Pseudo-labels: from a labeller's predictions to what a successor is taught."""

import numpy as np
import pandas as pd
import pytest
from feasible_al.config.blocks import LeastSure, PseudoLabels, Threshold
from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.predict import Prediction
from feasible_al.stages.labelling import (
    _confident,
    gold_training_data,
    predictions_table,
    pseudo_training_data,
)

TEXTS = Split(np.array([10, 11, 13, 17, 19]), tuple("abcde"), np.array([0, 1, 2, 0, 1]))
TOPICS = Dataset("classification", ("x", "y", "z"), TEXTS, TEXTS)
SENTENCES = Split(
    np.array([2, 3, 5, 7]),
    (("a", "b"), ("c",), ("d", "e", "f"), ("g", "h")),
    np.array([0, 1, 2, 0, 1, 2, 0, 0]),
)
SPANS = Dataset("tagging", ("O", "B-X", "I-X"), SENTENCES, SENTENCES)
PROBA = np.array([[0.2, 0.7, 0.1], [0.5, 0.3, 0.2], [0.05, 0.05, 0.9]], dtype=np.float32)


def of_texts(tmp_path, *, soft: bool = False):
    """Predictions for the pool when 11 and 17 are labelled: 10, 13 and 19."""
    prediction = Prediction(np.log(PROBA), PROBA.argmax(1), np.log(PROBA.max(1)), np.arange(4))
    path = tmp_path / "predictions.parquet"
    predictions_table(TOPICS, np.array([0, 2, 4]), prediction, soft=soft).to_parquet(path)
    return path


GOLD = np.array([1, 3])


def test_gold_alone_teaches_what_is_labelled():
    data = gold_training_data(TOPICS, GOLD)
    assert data.rows.tolist() == data.gold.tolist() == [1, 3]
    assert data.targets[data.rows].tolist() == [1, 0]
    assert data.weights is None


def test_hard_labels_for_the_whole_rest_of_the_pool_and_gold_where_it_is_known(tmp_path):
    data = pseudo_training_data(TOPICS, GOLD, of_texts(tmp_path), PseudoLabels())
    assert data.rows.tolist() == [0, 1, 2, 3, 4]
    # Gold labels of 11 and 17, the labeller's for 10, 13 and 19; the hidden gold of the pool is not used.
    assert data.targets.tolist() == [1, 1, 0, 0, 2]
    assert data.weights is None
    assert TEXTS.targets.tolist() == [0, 1, 2, 0, 1]


def test_soft_labels_are_the_probabilities_and_gold_is_certain(tmp_path):
    data = pseudo_training_data(TOPICS, GOLD, of_texts(tmp_path, soft=True), PseudoLabels(soft=True))
    assert data.targets[[0, 2, 4]] == pytest.approx(PROBA, abs=1e-6)
    assert data.targets[[1, 3]].tolist() == [[0, 1, 0], [1, 0, 0]]


def test_gold_may_count_more(tmp_path):
    data = pseudo_training_data(TOPICS, GOLD, of_texts(tmp_path), PseudoLabels(gold_weight=4))
    assert data.weights.tolist() == [1, 4, 1, 4, 1]


def test_labels_are_dropped_below_a_confidence_or_by_share(tmp_path):
    path = of_texts(tmp_path)

    def rows(**drop) -> list[int]:
        return pseudo_training_data(TOPICS, GOLD, path, PseudoLabels(drop=drop)).rows.tolist()

    # Confidences 0.7, 0.5 and 0.9.
    assert rows(kind="threshold", confidence=0.6) == [0, 1, 3, 4]
    assert rows(kind="threshold", confidence=0.8) == [1, 3, 4]
    assert rows(kind="threshold", confidence=0.95) == [1, 3]
    assert rows(kind="least_sure", share=0.34) == [0, 1, 3, 4]
    assert rows(kind="least_sure", share=0.67) == [1, 3, 4]
    # What self-influence leaves out is known only after a fit on all of them.
    assert rows(kind="self_influence", share=0.67) == [0, 1, 2, 3, 4]


def test_some_rows_of_what_is_learnt_can_be_left_out(tmp_path):
    data = pseudo_training_data(TOPICS, GOLD, of_texts(tmp_path), PseudoLabels(gold_weight=4))
    assert data.pseudo.tolist() == [0, 2, 4]
    less = data.without(np.array([4, 0]))
    assert (less.rows.tolist(), less.pseudo.tolist(), less.gold.tolist()) == ([1, 2, 3], [2], [1, 3])
    assert (less.targets is data.targets, less.weights is data.weights) == (True, True)


def test_the_share_that_is_dropped_is_exact():
    drop = LeastSure(kind="least_sure", share=0.07)
    # 10.5, the half to the even; as a float it is 10.500000000000002.
    assert (~_confident(-np.arange(150.0), drop)).sum() == 10


def test_a_taggers_confidence_is_one_minus_mnlp_and_words_cut_off_are_outside(tmp_path):
    # Sentences 2 and 5 are the pool; the labeller saw only two of the three words of the latter.
    proba = np.array([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.3, 0.6, 0.1], [0.2, 0.2, 0.6]], dtype=np.float32)
    prediction = Prediction(np.log(proba), proba.argmax(1), np.log(proba.max(1)), np.array([0, 2, 4]))
    path = tmp_path / "predictions.parquet"
    frame = predictions_table(SPANS, np.array([0, 2]), prediction, soft=True)
    frame.to_parquet(path)
    assert frame["instance"].tolist() == [2, 2, 5, 5, 5]
    assert frame["label"].tolist() == [0, 1, 1, 2, 0]
    assert frame[["p0", "p1", "p2"]].iloc[-1].tolist() == [1, 0, 0]
    gold = np.array([1, 3])
    data = pseudo_training_data(SPANS, gold, path, PseudoLabels())
    assert data.targets.tolist() == [0, 1, 2, 1, 2, 0, 0, 0]
    # 1 - MNLP: 1 + (ln 0.9 + ln 0.8) / 2 = 0.836 and 1 + (2 ln 0.6) / 3 = 0.659.
    for confidence, kept in ((0.65, [0, 1, 2, 3]), (0.67, [0, 1, 3]), (0.84, [1, 3])):
        drop = Threshold(kind="threshold", confidence=confidence)
        assert pseudo_training_data(SPANS, gold, path, PseudoLabels(drop=drop)).rows.tolist() == kept


def test_an_exhausted_pool_leaves_gold_alone(tmp_path):
    path = tmp_path / "predictions.parquet"
    for soft in (False, True):
        predictions_table(TOPICS, np.array([], dtype=int), None, soft=soft).to_parquet(path)
        drop = LeastSure(kind="least_sure", share=0.5)
        data = pseudo_training_data(TOPICS, np.arange(5), path, PseudoLabels(soft=soft, drop=drop))
        assert data.rows.tolist() == [0, 1, 2, 3, 4]


def test_predictions_that_are_absent_torn_or_of_another_pool_are_refused(tmp_path):
    with pytest.raises(InputError, match="rerun the labeller's job"):
        pseudo_training_data(TOPICS, GOLD, tmp_path / "none.parquet", PseudoLabels())
    path = of_texts(tmp_path)
    with pytest.raises(InputError, match="not the predictions for the rest of the pool"):
        pseudo_training_data(TOPICS, np.array([1, 2]), path, PseudoLabels())
    torn = tmp_path / "torn.parquet"
    torn.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match="missing or damaged"):
        pseudo_training_data(TOPICS, GOLD, torn, PseudoLabels())
    pd.DataFrame({"instance": [10, 13, 19]}).to_parquet(path)
    with pytest.raises(InputError, match="missing or damaged"):
        pseudo_training_data(TOPICS, GOLD, path, PseudoLabels())
    of_texts(tmp_path)
    with pytest.raises(InputError, match="missing or damaged"):
        pseudo_training_data(TOPICS, GOLD, path, PseudoLabels(soft=True))
