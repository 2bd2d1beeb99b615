"""Strategies that compare candidates with labelled instances, against their definitions and other libraries."""

import numpy as np
import pytest
from feasible_al.core.errors import InputError
from feasible_al.strategies import STRATEGIES, PoolView, query_strategy
from feasible_al.strategies.cal import cal
from feasible_al.strategies.mahalanobis import mahalanobis
from scipy.spatial.distance import cdist
from skactiveml.classifier import SklearnClassifier
from skactiveml.pool import ContrastiveAL
from sklearn.covariance import LedoitWolf
from sklearn.linear_model import LogisticRegression

RNG = np.random.default_rng(0)
SIZE, LABELLED, FEATURES, CLASSES = 40, 30, 5, 3
POINTS = RNG.normal(size=(SIZE, FEATURES)).astype(np.float32)
KNOWN = RNG.normal(size=(LABELLED, FEATURES)).astype(np.float32)
LABELS = np.arange(LABELLED) % CLASSES


def proba(rows: int) -> np.ndarray:
    found: np.ndarray = RNG.dirichlet(np.ones(CLASSES), rows).astype(np.float32)
    return found


def view(**arrays: object) -> PoolView:
    given = {"embedding": POINTS.copy(), "labelled_embedding": KNOWN.copy(), "labelled_label": LABELS.copy()}
    return PoolView(np.arange(SIZE), np.ones(SIZE, int), np.arange(SIZE + 1), **(given | arrays))


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    return float(sum(a * np.log(a / b) for a, b in zip(p, q, strict=True)))


def nearest(point: np.ndarray, count: int = 10) -> np.ndarray:
    return np.argsort([np.linalg.norm(point - other) for other in KNOWN])[:count]


def test_cal_is_the_divergence_from_labelled_neighbours_written_out():
    p, known = proba(SIZE).astype(float), proba(LABELLED)
    expected = [
        np.mean([divergence(known[j], q) for j in nearest(x)]) for x, q in zip(POINTS, p, strict=True)
    ]
    found = cal(view(log_proba=np.log(p).astype(np.float32), labelled_proba=known), RNG)
    assert found == pytest.approx(expected, abs=1e-5)


def test_cal_is_what_scikit_activeml_gives():
    model = SklearnClassifier(LogisticRegression(), classes=range(CLASSES)).fit(KNOWN, LABELS)
    _, theirs = ContrastiveAL(nearest_neighbors_dict={"n_neighbors": 10}).query(
        np.concatenate([KNOWN, POINTS]), np.r_[LABELS, np.full(SIZE, np.nan)], model,
        fit_clf=False, return_utilities=True,
    )  # fmt: skip
    log_p = np.log(model.predict_proba(POINTS)).astype(np.float32)
    ours = cal(view(log_proba=log_p, labelled_proba=model.predict_proba(KNOWN).astype(np.float32)), RNG)
    assert ours == pytest.approx(theirs[0, LABELLED:], abs=1e-5)


def test_cal_averages_words_and_takes_as_many_neighbours_as_there_are():
    words, known = proba(2 * SIZE), proba(4)
    tagged = PoolView(
        np.arange(SIZE), np.full(SIZE, 2), 2 * np.arange(SIZE + 1), log_proba=np.log(words), embedding=POINTS.copy(),
        labelled_embedding=KNOWN[:4].copy(), labelled_proba=known,
    )  # fmt: skip
    p = words.reshape(SIZE, 2, CLASSES).mean(axis=1)
    expected = [np.mean([divergence(other, q) for other in known]) for q in p]
    assert cal(tagged, RNG) == pytest.approx(expected, abs=1e-5)


def test_cal_is_finite_where_a_probability_is_0():
    certain = np.eye(CLASSES, dtype=np.float32)[LABELS]
    floor = np.log(np.maximum(np.eye(CLASSES, dtype=np.float32)[np.zeros(SIZE, int)], 1e-30))
    assert np.isfinite(cal(view(log_proba=floor, labelled_proba=certain), RNG)).all()


def test_mahalanobis_is_the_distance_to_the_nearest_class_as_scipy_computes_it():
    means = np.stack([KNOWN[label == LABELS].mean(axis=0) for label in range(CLASSES)]).astype(float)
    inverse = LedoitWolf(assume_centered=True).fit(KNOWN - means[LABELS]).precision_
    expected = cdist(POINTS, means, "mahalanobis", VI=inverse).min(axis=1) ** 2
    assert mahalanobis(view(), RNG) == pytest.approx(expected, rel=1e-4)


def test_mahalanobis_in_blocks_and_with_fewer_instances_than_dimensions(monkeypatch):
    whole = mahalanobis(view(), RNG)
    monkeypatch.setattr("feasible_al.strategies.mahalanobis.BLOCK", 7)
    assert mahalanobis(view(), RNG) == pytest.approx(whole)
    one_each = {"labelled_embedding": KNOWN[:CLASSES].copy(), "labelled_label": LABELS[:CLASSES].copy()}
    expected = cdist(POINTS, KNOWN[:CLASSES]).min(axis=1) ** 2  # no class varies: Euclidean
    assert mahalanobis(view(**one_each), RNG) == pytest.approx(expected, rel=1e-4)
    few = {"labelled_embedding": KNOWN[:4].copy(), "labelled_label": LABELS[:4].copy()}
    assert np.isfinite(mahalanobis(view(**few), RNG)).all()


def test_labels_of_labelled_instances_are_for_texts_only(monkeypatch):
    monkeypatch.setattr(STRATEGIES, "_entries", dict(STRATEGIES._entries))
    with pytest.raises(InputError, match="strategy new: needs labelled_labels, which only texts have"):
        query_strategy("new", citation="none", needs=("labelled_labels",))(lambda view, rng: view.tokens)
