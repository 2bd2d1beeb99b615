import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from feasible_al.analysis.comparison.paired import effect_size, permutation_p, seeds_needed, smallest_p
from feasible_al.analysis.statistics import holm, power, seeds_for
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower


def with_moments(count, mean, std):
    """Values with exactly this mean and sample standard deviation."""
    values = np.linspace(-1.0, 1.0, count)
    return list(mean + std * values / values.std(ddof=1))


def exact_p(values):
    """The share of all sign changes whose sum is as far from 0, in exact fractions."""
    signed = itertools.product(*((value, -value) for value in values))
    as_far = sum(abs(sum(values)) <= abs(sum(each)) for each in signed)
    return Fraction(as_far, 2 ** len(values))


def test_p_is_the_share_of_sign_changes_that_do_as_much():
    values = [0.3, -0.1, 0.25, 0.4, 0.02, 0.11]
    means = [np.dot(signs, values) for signs in itertools.product((1, -1), repeat=6)]
    assert permutation_p(values) == pytest.approx(np.mean(np.abs(means) >= sum(values) - 1e-12))


@pytest.mark.parametrize("count", [2, 5, 6, 10, 13, 20])
def test_equal_signs_give_the_smallest_p(count):
    assert permutation_p([0.1 + i / 100 for i in range(count)]) == smallest_p(count)
    assert smallest_p(count) == 2 / 2**count


def test_the_smallest_p_of_many_seeds_is_that_of_the_draws():
    assert permutation_p([0.1 + i / 100 for i in range(30)]) == smallest_p(30) == 1 / 10_000


def test_no_difference_has_p_1_and_no_pair_has_none():
    assert permutation_p([0.0] * 6) == permutation_p([0.0] * 30) == 1.0
    assert math.isnan(permutation_p([0.1]))
    assert math.isnan(smallest_p(1))


def test_ties_are_ties_despite_rounding():
    # 16 of the 256 sums of ±1, ±1, ±2, ±6, ±1, ±7, ±8 and ±5 are 27 or more, or -27 or less.
    steps = (1, 1, -2, 6, 1, 7, 8, 5)
    assert exact_p(steps) == Fraction(1, 16)
    assert permutation_p([step / 600 for step in steps]) == 0.0625


def test_a_thousand_sets_of_accuracy_differences_against_exact_fractions():
    """Accuracies are multiples of 1/n, so that many sums tie; areas are weighted means of such."""
    rng = np.random.default_rng(7)
    for _ in range(1000):
        instances = int(rng.integers(30, 8000))
        first, second = rng.integers(instances // 2, instances // 2 + 12, (2, int(rng.integers(4, 8)), 3))
        scores = [rows / instances for rows in (first, second)]
        weights = np.array([0.25, 0.5, 0.25])
        exact = [
            (Fraction(int(a)) * 1 + 2 * int(b) + int(c)) / (4 * instances)
            for a, b, c in (first - second).tolist()
        ]
        assert permutation_p(list(scores[0] @ weights - scores[1] @ weights)) == exact_p(exact)


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


@pytest.mark.parametrize(
    ("effect", "seeds", "tests"), [(1, 5, 1), (2, 5, 34), (1, 10, 4), (0.5, 30, 3), (3, 4, 6)]
)
def test_power_is_that_of_statsmodels(effect, seeds, tests):
    found = TTestPower().power(effect, seeds, 0.05 / tests / 2, alternative="larger")
    assert power(effect, seeds, tests) == pytest.approx(found, abs=1e-4)


def test_power_of_one_large_family_and_what_a_small_one_needs():
    # Two standard deviations, five seeds: in about one run of six with 34 claims, in nine of ten with one.
    assert power(2, 5, 34) == pytest.approx(0.16, abs=0.005)
    assert power(2, 5) == pytest.approx(0.91, abs=0.005)
    count = int(seeds_for(1.0, 4))
    assert power(1.0, count - 1, 4) < 0.8 <= power(1.0, count, 4)


def test_seeds_beyond_all_reach_and_none_to_tell_from():
    assert seeds_needed([0.01, -0.01, 0.0]) == math.inf
    assert seeds_needed(with_moments(5, 0.05, 1.0)) == math.inf
    assert seeds_needed([0.0, 0.0]) == math.inf
    assert seeds_needed(with_moments(5, 100.0, 1.0)) == 4
    # Without spread signs are counted: 2 / 2^6 is the first below 0.05, 2 / 2^8 below 0.05 / 5.
    assert (seeds_needed([0.2, 0.2, 0.2]), seeds_needed([0.2, 0.2, 0.2], tests=5)) == (6, 8)
    assert math.isnan(seeds_needed([0.2]))
