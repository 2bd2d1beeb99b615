"""What every registered query strategy must do."""

import dataclasses

import numpy as np
import pytest
from feasible_al.core.errors import PoolExhausted
from feasible_al.strategies import STRATEGIES, PoolView, ranking, scores_of, take

CASES = [(name, task) for name, strategy in STRATEGIES.items() for task in strategy.tasks]


def pool(task: str, size: int, budget: int = 1) -> PoolView:
    """With all that any strategy may need, and random."""
    rng = np.random.default_rng(0)
    sizes = rng.integers(1, 9, size) if task == "tagging" else np.ones(size, dtype=np.int64)
    logits = rng.normal(size=(4, sizes.sum(), 5)).astype(np.float32)
    log_proba = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    ids = rng.permutation(10 * size)[:size].astype(np.int64)
    return PoolView(
        ids, sizes.astype(np.int64), np.concatenate([[0], np.cumsum(sizes)]), log_proba[0],
        embedding=rng.normal(size=(size, 6)).astype(np.float32),
        labelled_embedding=rng.normal(size=(3, 6)).astype(np.float32),
        mc_log_proba=log_proba[1:], budget=budget, in_tokens=task == "tagging",
    )  # fmt: skip


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
        scores_of(name, view.reordered(order), np.random.default_rng(3)), abs=0
    )


@pytest.mark.parametrize(("name", "task"), CASES)
def test_arrays_are_read_only_and_stay_as_they_were(name, task):
    view = pool(task, 20)
    arrays = {key: value for key, value in vars(view).items() if isinstance(value, np.ndarray)}
    before = {key: array.copy() for key, array in arrays.items()}
    scores_of(name, view, np.random.default_rng(3))
    assert all((array == before[key]).all() for key, array in arrays.items())
    with pytest.raises(ValueError, match="read-only"):
        view.log_proba[0] = 0


@pytest.mark.parametrize(("name", "task"), CASES)
@pytest.mark.parametrize("budget", [1, 7, 50, 500])
def test_a_query_has_distinct_candidates_and_meets_the_budget(name, task, budget):
    view = pool(task, 50, budget)
    order = ranking(view.ids, scores_of(name, view, np.random.default_rng(3)), np.random.default_rng(4))
    assert sorted(order) == list(range(50))
    taken = take(order, budget, view.tokens if view.in_tokens else None)
    paid = view.costs[taken].sum()
    assert len(taken) == 50 or paid - view.costs[taken[-1]] <= budget - (not view.in_tokens) < paid


@pytest.mark.parametrize(("name", "task"), CASES)
def test_needs_no_more_than_it_declares(name, task):
    whole = pool(task, 30, 5)
    needs = STRATEGIES[name].needs
    view = dataclasses.replace(
        whole,
        log_proba=whole.log_proba if "probabilities" in needs else None,
        embedding=whole.embedding if "embeddings" in needs else None,
        labelled_embedding=whole.labelled_embedding if "labelled_embeddings" in needs else None,
        mc_log_proba=whole.mc_log_proba if "mc_probabilities" in needs else None,
    )
    declared = scores_of(name, view, np.random.default_rng(3))
    assert (declared == scores_of(name, whole, np.random.default_rng(3))).all()


@pytest.mark.parametrize(("name", "task"), CASES)
def test_declares_where_it_comes_from(name, task):
    strategy = STRATEGIES[name]
    assert strategy.citation
    assert strategy.version >= 1
    assert strategy.score.__doc__


@pytest.mark.parametrize(
    ("name", "task"), [case for case in CASES if STRATEGIES[case[0]].needs == {"probabilities"}]
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
