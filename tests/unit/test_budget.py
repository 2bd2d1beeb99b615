"""How many instances or tokens a budget buys, and that a pool never runs empty before its last query."""

from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from feasible_al.budget import amounts, amounts_of
from feasible_al.config.data import Budget
from feasible_al.data.types import Dataset, Split
from feasible_al.errors import InputError
from feasible_al.strategies.select import take
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError


def sentences(*lengths):
    texts = tuple(("w",) * length for length in lengths)
    split = Split(np.arange(len(lengths)), texts, np.zeros(sum(lengths), dtype=np.int64))
    return Dataset("tagging", ("O",), split, split)


@given(st.integers(1, 999), st.integers(1000, 200_000))
def test_a_share_is_that_of_the_decimals_as_written(thousandths, total):
    share = Decimal(thousandths) / 1000
    seed = int((share * total).to_integral_value(ROUND_FLOOR))
    query = int((share * total).to_integral_value(ROUND_HALF_EVEN))
    found = amounts_of(Budget(seed=float(share), query=1, iterations=1), total, "instances", "b")
    assert found.seed == seed
    found = amounts_of(Budget(seed=1, query=float(share), iterations=1), total, "instances", "b")
    assert found.query == query


def test_shares_that_floats_get_wrong():
    assert 0.29 * 100 < 29
    assert amounts_of(Budget(seed=0.29, query=0.07, iterations=2), 100, "instances", "b").seed == 29
    # 0.1 three times is more than 0.3 in floats; with 0.7 it is the whole pool, no more.
    Budget(seed=0.6, query=0.1, iterations=4)
    with pytest.raises(ValidationError, match="add up to more than the pool"):
        Budget(seed=0.7, query=0.1, iterations=4)


lengths = st.lists(st.integers(1, 9), min_size=2, max_size=14)


@given(lengths, st.integers(1, 12), st.integers(1, 12), st.integers(1, 5), st.randoms())
def test_an_accepted_budget_leaves_something_for_every_query(tokens, seed, query, iterations, random):
    try:
        amounts(Budget(seed=seed, query=query, iterations=iterations), sentences(*tokens), "b")
    except InputError:
        assume(False)
    left = random.sample(tokens, len(tokens))
    for budget in [seed, *[query] * iterations]:
        order = np.array(random.sample(range(len(left)), len(left)), dtype=np.int64)
        taken = take(order, budget, np.array(left))  # PoolExhausted when there is nothing
        left = [left[i] for i in range(len(left)) if i not in {*taken.tolist()}]


@given(lengths, st.integers(1, 12), st.integers(1, 12), st.integers(1, 5))
def test_a_budget_is_refused_only_where_an_order_could_use_up_the_pool(tokens, seed, query, iterations):
    """The bound lets every budget buy itself and one whole longest sentence; no order can buy more."""
    try:
        amounts(Budget(seed=seed, query=query, iterations=iterations), sentences(*tokens), "b")
    except InputError:
        longest = sorted(tokens, reverse=True)
        spent = seed + query * (iterations - 1) + sum(longest[:iterations])
        assert spent >= sum(tokens)


def test_the_remedy_is_one():
    data = sentences(*[5] * 20)
    budget = {"seed": 10, "query": 10}
    with pytest.raises(InputError, match=r"^b: .*lower iterations to 6,") as error:
        amounts(Budget(**budget, iterations=9), data, "b")
    assert "may use up the 100 tokens" in str(error.value)
    amounts(Budget(**budget, iterations=6), data, "b")
    with pytest.raises(InputError):
        amounts(Budget(**budget, iterations=7), data, "b")
    with pytest.raises(InputError, match="ask for a smaller seed set"):
        amounts(Budget(seed=98, query=1, iterations=1), data, "b")
