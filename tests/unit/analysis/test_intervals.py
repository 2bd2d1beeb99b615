import math

import pytest
from feasible_al.analysis.intervals import paired_interval, spread, t_interval


def test_sample_standard_deviation_divides_by_n_minus_one():
    found = spread([1.0, 2.0, 6.0])
    # Deviations -2, -1, 3: squares 14, over 2.
    assert (found.mean, found.count) == (3.0, 3)
    assert found.std == pytest.approx(math.sqrt(7))


def test_t_interval_against_the_printed_table():
    # t(0.975, 4) = 2.776445; std of 1..5 is sqrt(2.5).
    found = t_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    half = 2.776445 * math.sqrt(2.5) / math.sqrt(5)
    assert found.low == pytest.approx(3 - half, abs=1e-6)
    assert found.high == pytest.approx(3 + half, abs=1e-6)


def test_pairs_are_of_seeds_that_both_have():
    found = paired_interval({1: 0.9, 2: 0.8, 7: 0.1}, {2: 0.6, 1: 0.6, 9: 0.5})
    # Differences 0.3 and 0.2: std sqrt(0.005), t(0.975, 1) = 12.7062.
    assert found.count == 2
    assert found.mean == pytest.approx(0.25)
    assert found.high == pytest.approx(0.25 + 12.7062 * math.sqrt(0.005 / 2), abs=1e-5)
    assert not found.excludes_zero


def test_one_seed_gives_no_interval():
    found = t_interval([0.4])
    assert found.mean == 0.4
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert not found.known
    assert not found.excludes_zero
    assert math.isnan(spread([0.4]).std)


def test_no_values_give_nothing():
    assert math.isnan(spread([]).mean)
    assert t_interval([]).count == 0


def test_equal_scores_are_no_difference_despite_rounding():
    found = paired_interval({1: 0.1 + 0.2, 2: 0.1 + 0.2}, {1: 0.3, 2: 0.3})
    assert found.low > 0
    assert not found.excludes_zero
