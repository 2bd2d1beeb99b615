"""Order, ties and budgets, for any pool."""

import numpy as np
import pytest
from feasible_al.core.errors import PoolExhausted
from feasible_al.strategies import ranking, take
from hypothesis import given
from hypothesis import strategies as st

tokens = st.lists(st.integers(1, 60), min_size=1, max_size=200)


@given(tokens, st.integers(1, 2000), st.integers(0, 5))
def test_a_token_budget_is_exceeded_by_the_last_instance_alone(lengths, budget, seed):
    lengths = np.array(lengths)
    order = np.random.default_rng(seed).permutation(len(lengths))
    taken = take(order, budget, lengths)
    literal, total = [], 0
    for position in order:  # the rule in the words of the protocol
        literal.append(position)
        total += lengths[position]
        if total > budget:
            break
    assert taken.tolist() == literal


def test_a_sum_exactly_equal_to_the_budget_takes_one_more():
    lengths = np.array([3, 4, 5, 6])
    assert take(np.arange(4), 7, lengths).tolist() == [0, 1, 2]
    assert take(np.arange(4), 6, lengths).tolist() == [0, 1]
    assert take(np.arange(4), 8, lengths).tolist() == [0, 1, 2]


def test_a_budget_larger_than_the_pool_takes_all():
    assert take(np.arange(3), 99, np.array([1, 2, 3])).tolist() == [0, 1, 2]
    assert take(np.arange(3), 99, None).tolist() == [0, 1, 2]


def test_an_empty_pool_raises():
    with pytest.raises(PoolExhausted):
        take(np.array([], dtype=np.int64), 5, None)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(0, 9))
def test_ties_do_not_depend_on_the_order_of_the_pool(scores, seed):
    scores = np.array(scores, dtype=float)
    ids = np.random.default_rng(seed).permutation(1000)[: len(scores)]
    expected = ids[ranking(ids, scores, np.random.default_rng(1))]
    order = np.random.default_rng(seed + 1).permutation(len(scores))
    assert (
        ids[order][ranking(ids[order], scores[order], np.random.default_rng(1))].tolist() == expected.tolist()
    )
    assert (np.diff(scores[np.argsort(ids)][np.searchsorted(np.sort(ids), expected)]) <= 0).all()


def test_ties_are_drawn_not_fixed():
    ids, scores = np.arange(20), np.zeros(20)
    orders = {tuple(ranking(ids, scores, np.random.default_rng(seed))) for seed in range(5)}
    assert len(orders) == 5
