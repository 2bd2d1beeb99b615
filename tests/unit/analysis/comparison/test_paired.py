import itertools
import math

import numpy as np
import pytest
from feasible_al.analysis.comparison.paired import (
    effect_size,
    fewest_seeds,
    permutation_p,
    seeds_needed,
    smallest_p,
)
from feasible_al.analysis.intervals import interval, studentized, t_interval
from feasible_al.analysis.statistics import holm
from scipy import stats
from statsmodels.stats.multitest import multipletests


def with_moments(count, mean, std):
    """Values with exactly this mean and sample standard deviation."""
    values = np.linspace(-1.0, 1.0, count)
    return list(mean + std * values / values.std(ddof=1))


def test_p_is_the_share_of_sign_changes_that_do_as_much():
    values = [0.3, -0.1, 0.25, 0.4, 0.02, 0.11]
    means = [np.dot(signs, values) for signs in itertools.product((1, -1), repeat=6)]
    assert permutation_p(values) == pytest.approx(np.mean(np.abs(means) >= sum(values) - 1e-12))


@pytest.mark.parametrize("count", [2, 5, 6, 10, 13])
def test_equal_signs_give_the_smallest_p(count):
    assert permutation_p([0.1 + i / 100 for i in range(count)]) == pytest.approx(smallest_p(count))
    assert smallest_p(count) == 2 / 2**count


def test_the_smallest_p_of_many_seeds_is_that_of_the_draws():
    assert permutation_p([0.1 + i / 100 for i in range(30)]) == pytest.approx(smallest_p(30), rel=1e-6)


def test_no_difference_has_p_1_and_no_pair_has_none():
    assert permutation_p([0.0] * 6) == 1.0
    assert math.isnan(permutation_p([0.1]))
    assert math.isnan(smallest_p(1))


def test_ties_are_ties_despite_rounding():
    # Scores in steps of 1/150. By hand over all 128 signs, in whole numbers.
    steps = [2, 3, 3, 0, 8, 0, -3]
    signs = np.array(list(itertools.product((1, -1), repeat=len(steps))))
    exact = (np.abs(signs @ steps) >= abs(sum(steps))).mean()
    assert permutation_p([(100 + step) / 150 - 100 / 150 for step in steps]) == pytest.approx(exact)


def test_fewest_seeds_by_hand():
    # 2 / 2^5 = 0.0625 and 2 / 2^6 = 0.03125; five tests of 2 / 2^8 = 0.0078 are 0.039.
    assert (fewest_seeds(1), fewest_seeds(5)) == (6, 8)
    assert fewest_seeds(1000) == math.inf


def test_intervals_change_their_kind_at_twenty_seeds():
    values = list(np.random.default_rng(3).exponential(size=20))
    assert interval(values[:19]) == t_interval(values[:19])
    assert interval(values) == studentized(values) != t_interval(values)


def test_the_bootstrap_agrees_with_t_where_both_hold_and_leans_with_the_skew():
    rng = np.random.default_rng(1)
    normal, skewed = list(rng.normal(5, 1, 200)), list(rng.exponential(size=25))
    found, classic = studentized(normal), t_interval(normal)
    assert (found.low, found.high) == pytest.approx((classic.low, classic.high), abs=0.02)
    found = studentized(skewed)
    assert found.high - found.mean > found.mean - found.low


def test_values_without_spread_have_no_interval():
    assert not interval([0.5] * 25).known
    nearly = [0.0] * 24 + [1.0]
    assert interval(nearly) == t_interval(nearly)


def test_effect_size_by_hand():
    # Mean 2, standard deviation 1, n = 4: c(3) = Γ(1.5) / (√1.5 Γ(1)) = 0.7236.
    assert effect_size(with_moments(4, 2.0, 1.0)) == pytest.approx(2 * 0.7236, abs=1e-4)
    assert math.isnan(effect_size([0.1, 0.2]))
    assert math.isnan(effect_size([0.1] * 5))


def test_holm_is_that_of_statsmodels():
    p = dict(zip("abcde", [0.01, 0.04, 0.03, 0.005, 0.5], strict=True))
    adjusted = multipletests(list(p.values()), method="holm")[1]
    assert holm(p) == pytest.approx(dict(zip(p, adjusted.tolist(), strict=True)))


@pytest.mark.parametrize("effect", [0.6, 1.0, 1.5])
def test_as_many_seeds_as_are_said_to_settle_it_do(effect):
    count = int(seeds_needed(with_moments(7, effect, 1.0)))
    draws = np.random.default_rng(5).normal(effect, 1.0, (20_000, count))
    power = np.mean(stats.ttest_1samp(draws, 0.0, axis=1).pvalue < 0.05)
    fewer = np.mean(stats.ttest_1samp(draws[:, :-1], 0.0, axis=1).pvalue < 0.05)
    assert fewer - 0.01 < 0.8 <= power + 0.01


def test_seeds_beyond_all_reach_and_none_to_tell_from():
    assert seeds_needed([0.01, -0.01, 0.0]) == math.inf
    assert seeds_needed(with_moments(5, 0.05, 1.0)) == math.inf
    assert seeds_needed([0.0, 0.0]) == math.inf
    assert seeds_needed([0.2, 0.2, 0.2]) == seeds_needed(with_moments(5, 100.0, 1.0)) == 4
    assert math.isnan(seeds_needed([0.2]))
