"""What a budget comes to, and that no query finds an empty pool."""

import numpy as np
import pytest
from feasible_al.config.data import Budget
from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset, Split
from feasible_al.jobs.budget import amounts, amounts_of
from feasible_al.strategies import take
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError


def budget(seed, query, iterations=1):
    return Budget(seed=seed, query=query, iterations=iterations)


def sentences(lengths):
    """A tagging dataset of sentences so long."""
    train = Split(np.arange(len(lengths)), tuple(("w",) * n for n in lengths), np.zeros(sum(lengths), int))
    return Dataset("tagging", ("O",), train, train)


@given(st.integers(1, 999), st.integers(1000, 200_000))
@example(290, 1500)
@example(70, 1150)
def test_shares_are_exact(thousandths, total):
    found = amounts_of(budget(thousandths / 1000, thousandths / 1000), total, "instances", "b")
    whole, rest = divmod(thousandths * total, 1000)
    assert found.seed == whole
    # To the nearest, halves to the even.
    assert found.query == whole + (rest > 500 or (rest == 500 and whole % 2 == 1))


def test_examples_where_floats_are_wrong():
    assert amounts_of(budget(0.29, 0.1), 100, "instances", "b").seed == 29
    assert amounts_of(budget(0.57, 0.1), 100, "instances", "b").seed == 57
    assert amounts_of(budget(0.1, 0.07), 150, "instances", "b").query == 10  # 10.5


@given(st.integers(1, 999), st.integers(1, 999), st.integers(1, 60))
@example(100, 300, 4)  # 0.1 + 3 * 0.3 is 0.9999999999999999
def test_shares_fit_when_something_is_left_for_the_last_query(seed, query, iterations):
    if seed + (iterations - 1) * query < 1000:
        budget(seed / 1000, query / 1000, iterations)
    else:
        with pytest.raises(ValidationError, match="more than the pool"):
            budget(seed / 1000, query / 1000, iterations)


@given(st.lists(st.integers(1, 30), min_size=10, max_size=40), st.integers(1, 30), st.integers(1, 20),
       st.randoms(use_true_random=False))  # fmt: skip
def test_no_query_of_tokens_finds_an_empty_pool(lengths, seed, query, random):
    data = sentences(lengths)
    for iterations in range(len(lengths), 0, -1):  # the most that are allowed
        try:
            sizes = amounts(budget(seed, query, iterations), data, "b")
            break
        except InputError:
            continue
    else:
        return
    pool = np.arange(len(lengths))
    for size in [sizes.seed, *[sizes.query] * iterations]:
        # Long ones tend to come first, which is the worst; any other order has to do as well.
        order = pool[np.argsort([-lengths[i] * random.random() for i in pool])]
        pool = np.setdiff1d(pool, take(order, size, data.train.tokens))  # raises where the pool is empty


def test_a_pool_that_may_run_empty_is_refused_with_what_would_do():
    # Ten sentences of 50: the seed set takes two, each query one, so the ninth query finds nothing.
    data = sentences([50] * 10)
    with pytest.raises(InputError) as error:
        amounts(budget(60, 40, 10), data, "datasets.d.budget")
    assert str(error.value) == (
        "datasets.d.budget: a seed set of 60 and 10 queries of 40 may use up the 500 tokens of the training set "
        "before the last query, since each labels the sentence that crosses its budget as a whole (the longest has 50 tokens): "
        "lower iterations to 5, or make the seed set or the queries smaller"
    )
    amounts(budget(60, 40, 5), data, "datasets.d.budget")
    with pytest.raises(InputError, match="ask for a smaller seed set"):
        amounts(budget(460, 40, 1), data, "datasets.d.budget")


def test_the_most_iterations_of_instances():
    with pytest.raises(InputError, match="nothing is left for the last query; lower iterations to 3, or"):
        amounts_of(budget(4, 2, 5), 10, "instances", "b")
    assert amounts_of(budget(4, 2, 3), 10, "instances", "b").seed == 4
