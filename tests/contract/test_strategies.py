"""What every registered query strategy must do."""

import numpy as np
import pytest
from feasible_al.errors import PoolExhausted
from feasible_al.strategies import STRATEGIES, PoolView, ranking, scores_of, take

CASES = [(name, task) for name, strategy in STRATEGIES.items() for task in strategy.tasks]


def pool(task: str, size: int, seed: int = 0) -> PoolView:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 9, size) if task == "tagging" else np.ones(size, dtype=np.int64)
    logits = rng.normal(size=(sizes.sum(), 5)).astype(np.float32)
    log_proba = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    ids = rng.permutation(10 * size)[:size].astype(np.int64)
    return PoolView(ids, sizes.astype(np.int64), np.concatenate([[0], np.cumsum(sizes)]), log_proba)


def shuffled(view: PoolView, order: np.ndarray) -> PoolView:
    rows = np.concatenate([np.arange(view.offsets[i], view.offsets[i + 1]) for i in order])
    sizes = np.diff(view.offsets)[order]
    return PoolView(
        view.ids[order], view.tokens[order], np.concatenate([[0], np.cumsum(sizes)]), view.log_proba[rows]
    )


@pytest.mark.parametrize(("name", "task"), CASES)
@pytest.mark.parametrize("size", [1, 2, 50])
def test_one_finite_score_per_candidate_and_the_same_again(name, task, size):
    view = pool(task, size)
    scores = scores_of(name, view, np.random.default_rng(3))
    assert scores.shape == (size,)
    assert np.isfinite(scores).all()
    assert (scores == scores_of(name, view, np.random.default_rng(3))).all()


@pytest.mark.parametrize(("name", "task"), CASES)
def test_the_pools_order_does_not_matter(name, task):
    view = pool(task, 50)
    order = np.random.default_rng(5).permutation(50)
    scores = scores_of(name, view, np.random.default_rng(3))
    assert scores[order] == pytest.approx(
        scores_of(name, shuffled(view, order), np.random.default_rng(3)), abs=0
    )


@pytest.mark.parametrize(("name", "task"), CASES)
def test_arrays_are_read_only_and_stay_as_they_were(name, task):
    view = pool(task, 20)
    before = view.log_proba.copy()
    scores_of(name, view, np.random.default_rng(3))
    assert (view.log_proba == before).all()
    with pytest.raises(ValueError, match="read-only"):
        view.log_proba[0] = 0


@pytest.mark.parametrize(("name", "task"), CASES)
@pytest.mark.parametrize("budget", [1, 7, 50])
def test_a_query_has_distinct_candidates_and_meets_the_budget(name, task, budget):
    view = pool(task, 50)
    order = ranking(view.ids, scores_of(name, view, np.random.default_rng(3)), np.random.default_rng(4))
    assert sorted(order) == list(range(50))
    assert len(take(order, budget, None)) == budget


@pytest.mark.parametrize(("name", "task"), CASES)
def test_declares_where_it_comes_from(name, task):
    strategy = STRATEGIES[name]
    assert strategy.citation
    assert strategy.version >= 1
    assert strategy.score.__doc__


@pytest.mark.parametrize(
    ("name", "task"), [case for case in CASES if STRATEGIES[case[0]].needs_probabilities]
)
def test_the_more_uncertain_instance_comes_first(name, task):
    uniform, certain = np.log([0.25] * 4), np.log([0.97, 0.01, 0.01, 0.01])
    view = PoolView(
        np.arange(2), np.ones(2, int), np.arange(3), np.array([certain, uniform], dtype=np.float32)
    )
    assert np.argmax(scores_of(name, view, np.random.default_rng(0))) == 1


def test_an_exhausted_pool_raises():
    with pytest.raises(PoolExhausted):
        take(np.array([], dtype=np.int64), 5, None)
