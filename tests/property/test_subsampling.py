"""Subsampling rules on any pool."""

import numpy as np
import pytest
from feasible_al.config.subsampling import RULE_BLOCKS, RankedRule
from feasible_al.strategies import take
from feasible_al.subsampling import RULES, enough, keep
from feasible_al.subsampling.random import RandomShare
from feasible_al.subsampling.top import TopShare
from feasible_al.subsampling.ups import Ups, probabilities
from hypothesis import example, given, settings
from hypothesis import strategies as st

RULE = st.one_of(
    st.builds(
        Ups,
        kind=st.just("ups"),
        gamma=st.floats(0, 1),
        temperature=st.one_of(st.just(0.0), st.floats(0.01, 2)),
    ),
    st.builds(RandomShare, kind=st.just("random"), fraction=st.floats(0.001, 1)),
    st.builds(TopShare, kind=st.just("top"), fraction=st.floats(0.001, 1)),
    *(  # every other built-in rule that goes by the ranking, with its defaults
        st.just(block(kind=kind))
        for kind, block in RULE_BLOCKS.blocks().items()
        if issubclass(block, RankedRule) and kind not in ("ups", "random", "top", "plugin")
    ),
)


@st.composite
def pools(draw):
    """Ids in any order with scores that have ties."""
    size = draw(st.integers(1, 10_000))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    distinct = draw(st.integers(1, 20))
    return rng.permutation(3 * size)[:size].astype(np.int64), rng.integers(0, distinct, size) / 7


def kept_by(rule, ids, stored, seed=1):
    return keep(rule, ids, stored, np.random.default_rng(seed), np.random.default_rng(seed + 1))


@settings(deadline=None, max_examples=150)
@given(RULE, pools(), st.integers(0, 2**32))
def test_the_pools_order_does_not_matter_and_nothing_is_changed(rule, pool, shuffle):
    ids, stored = pool
    before = ids.copy(), stored.copy()
    kept, order = kept_by(rule, ids, stored)
    assert sorted(order.tolist()) == list(range(len(ids)))
    assert (np.diff(stored[order]) <= 0).all()
    assert (ids == before[0]).all()
    assert (stored == before[1]).all()
    other = np.random.default_rng(shuffle).permutation(len(ids))
    again, _ = kept_by(rule, ids[other], stored[other])
    assert set(ids[other][again]) == set(ids[kept])


@settings(deadline=None, max_examples=150)
@given(st.floats(0, 1), st.one_of(st.just(0.0), st.floats(0.01, 2)), pools())
def test_ups_always_keeps_ranks_up_to_gamma_and_may_keep_any(gamma, temperature, pool):
    ids, stored = pool
    kept, order = kept_by(Ups(kind="ups", gamma=gamma, temperature=temperature), ids, stored)
    ranks = np.arange(len(ids)) / len(ids)
    assert kept[order][ranks <= gamma].all()
    chances = probabilities(ranks, gamma, temperature)
    assert (np.diff(chances) <= 0).all()
    assert (chances[ranks <= gamma] == 1).all()
    if temperature:
        assert (chances > 0).all()


@settings(deadline=None, max_examples=100)
@given(st.floats(0.001, 1), pools())
def test_ups_without_temperature_is_the_top_share(gamma, pool):
    ids, stored = pool
    cold, _ = kept_by(Ups(kind="ups", gamma=gamma, temperature=0), ids, stored)
    top, order = kept_by(TopShare(kind="top", fraction=gamma), ids, stored)
    ranks = np.arange(len(ids)) / len(ids)
    assert (cold == top).all()
    assert (top[order] == (ranks <= gamma)).all()


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 1000), pools())
@example(290, (np.arange(100), np.zeros(100)))
def test_random_subsampling_keeps_its_share_whatever_the_scores(thousandths, pool):
    ids, stored = pool
    rule = RandomShare(kind="random", fraction=thousandths / 1000)
    kept, _ = kept_by(rule, ids, stored)
    assert kept.sum() == max(1, thousandths * len(ids) // 1000)
    assert (kept == kept_by(rule, ids, -stored)[0]).all()


@settings(deadline=None, max_examples=100)
@given(RULE, pools(), st.integers(1, 500), st.booleans())
def test_a_query_can_always_be_filled(rule, pool, budget, in_tokens):
    ids, stored = pool
    tokens = np.random.default_rng(0).integers(1, 30, len(ids)) if in_tokens else None
    kept, order = kept_by(rule, ids, stored)
    filled = enough(kept, order, budget, tokens)
    assert filled[kept].all()
    size = (np.ones(len(ids), dtype=int) if tokens is None else tokens)[filled].sum()
    assert filled.all() or (size >= budget if tokens is None else size > budget)
    # The added candidates are the next in the ranking, and no more than needed.
    added = filled & ~kept
    if added.any():
        assert set(np.flatnonzero(added)) == set(order[~kept[order]][: added.sum()])
        fewer = filled.copy()
        fewer[order[added[order]][-1]] = False
        rest = (np.ones(len(ids), dtype=int) if tokens is None else tokens)[fewer].sum()
        assert rest < budget if tokens is None else rest <= budget
    chosen = take(order[filled[order]], budget, tokens)
    assert len(chosen)


@pytest.mark.parametrize("size", [10, 100, 1_000, 100_000])
@pytest.mark.parametrize(("gamma", "temperature"), [(0.1, 0.01), (0.25, 0.1), (0.0, 0.05), (0.5, 1.0)])
def test_ups_keeps_as_many_as_its_probabilities_add_up_to(size, gamma, temperature):
    """Within three standard deviations of the mean of many draws, whose variance is known too."""
    rule = Ups(kind="ups", gamma=gamma, temperature=temperature)
    ranks = np.arange(size) / size
    chances = np.array([np.exp(-max(0.0, rank - gamma) / temperature) for rank in ranks])
    draws = 4_000_000 // size if size < 10_000 else 100
    draws = min(draws, 2_000)
    rng = np.random.default_rng(size)
    counts = [RULES["ups"].keep(ranks, rng.random(size), rule).sum() for _ in range(draws)]
    deviation = np.sqrt((chances * (1 - chances)).sum() / draws)
    assert abs(np.mean(counts) - chances.sum()) <= 3 * deviation
    if size == 100_000:
        assert rule.expected_share == pytest.approx(chances.sum() / size, abs=2e-5)


def test_the_papers_setting_scores_eleven_hundredths():
    assert Ups(kind="ups").expected_share == pytest.approx(0.11, abs=1e-4)
