import math

import pytest
from feasible_al.analysis.bounds import DIFFERENCE, FRACTION
from feasible_al.analysis.intervals import spread, t_interval


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


def test_t_interval_of_two():
    found = t_interval([0.3, 0.2])
    # Standard deviation sqrt(0.005), t(0.975, 1) = 12.7062.
    assert found.count == 2
    assert found.mean == pytest.approx(0.25)
    assert found.high == pytest.approx(0.25 + 12.7062 * math.sqrt(0.005 / 2), abs=1e-5)


def test_one_seed_gives_no_interval():
    found = t_interval([0.4])
    assert found.mean == 0.4
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert not found.known
    assert math.isnan(spread([0.4]).std)


def test_no_values_give_nothing():
    assert math.isnan(spread([]).mean)
    assert t_interval([]).count == 0


@pytest.mark.parametrize("value", [0.0, 0.2, 0.1 + 0.2])
def test_seeds_that_do_not_differ_say_nothing_about_chance(value):
    found = t_interval([value, 0.1 + 0.2 if value > 0.2 else value, value])
    assert (found.mean, found.count) == (pytest.approx(value), 3)
    assert not found.known


def test_an_interval_ends_where_the_mean_must():
    # Standard deviation √0.5 of 0 and 1: 0.5 ± 12.7062 · 0.5.
    assert t_interval([0.0, 1.0]).high == pytest.approx(0.5 + 12.7062 * 0.5, abs=1e-4)
    found = t_interval([0.0, 1.0], DIFFERENCE)
    assert (found.low, found.high) == (-1, 1)
    assert t_interval([0.0, 1.0], FRACTION).low == 0
    assert math.isnan(t_interval([0.5], FRACTION).low)


def test_differences_of_rounding_are_none():
    assert not t_interval([1e-17, 2e-17, 3e-17]).known
