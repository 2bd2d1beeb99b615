"""Score functions against worked examples."""

import math

import numpy as np
import pytest
from feasible_al.core.errors import NonFiniteScore
from feasible_al.strategies import STRATEGIES, PoolView, Strategy, scores_of

RNG = np.random.default_rng(0)


def view(probabilities: list[list[float]], sizes: list[int]) -> PoolView:
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    log_proba = np.log(np.array(probabilities)).astype(np.float32)
    return PoolView(np.arange(len(sizes)) + 7, np.array(sizes), offsets, log_proba)


TEXTS = view([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1], [0.98, 0.01, 0.01]], [1, 1, 1])
# A sentence of two words and one of one word.
SENTENCES = view([[0.8, 0.2], [0.6, 0.4], [0.9, 0.1]], [2, 1])


def test_least_confidence_is_one_minus_the_largest_probability():
    assert scores_of("least_confidence", TEXTS, RNG) == pytest.approx([0.3, 0.5, 0.02], abs=1e-6)


def test_least_confidence_keeps_the_order_among_the_nearly_certain():
    certain = PoolView(
        np.arange(2), np.ones(2, int), np.arange(3), np.log1p(np.array([[-1e-9], [-2e-9]])).astype(np.float32)
    )
    first, second = scores_of("least_confidence", certain, RNG)
    assert 0 < first < second


def test_mnlp_is_the_mean_negative_log_probability_of_the_best_tags():
    expected = [-(math.log(0.8) + math.log(0.6)) / 2, -math.log(0.9)]
    assert scores_of("mnlp", SENTENCES, RNG) == pytest.approx(expected, rel=1e-6)


def test_entropy_of_texts_and_of_sentences():
    of_text = -(0.7 * math.log(0.7) + 0.2 * math.log(0.2) + 0.1 * math.log(0.1))
    assert scores_of("entropy", TEXTS, RNG)[0] == pytest.approx(of_text, rel=1e-6)

    def binary(p: float) -> float:
        return -(p * math.log(p) + (1 - p) * math.log(1 - p))

    expected = [(binary(0.8) + binary(0.6)) / 2, binary(0.9)]
    assert scores_of("entropy", SENTENCES, RNG) == pytest.approx(expected, rel=1e-6)


def test_entropy_of_an_impossible_class_is_finite():
    impossible = PoolView(np.arange(1), np.ones(1, int), np.arange(2), np.array([[0.0, -np.inf]], np.float32))
    assert scores_of("entropy", impossible, RNG) == pytest.approx([0.0])


def test_margin_is_minus_the_gap_between_the_two_best():
    assert scores_of("margin", TEXTS, RNG) == pytest.approx([-0.5, -0.1, -0.97], abs=1e-6)
    assert scores_of("margin", SENTENCES, RNG) == pytest.approx([-(0.6 + 0.2) / 2, -0.8], abs=1e-6)


def test_a_strategy_cannot_change_the_arrays_of_its_pool():
    with pytest.raises(ValueError, match="read-only"):
        TEXTS.log_proba[0] = 0


def test_a_non_finite_score_names_the_strategy_and_the_instance(monkeypatch):
    broken = Strategy(
        lambda view, rng: np.array([0.0, np.nan, 1.0]), ("classification",), frozenset(), 1, "none"
    )
    monkeypatch.setitem(STRATEGIES._entries, "broken", broken)
    with pytest.raises(NonFiniteScore, match="'broken' scored instance 8 nan"):
        scores_of("broken", TEXTS, RNG)
