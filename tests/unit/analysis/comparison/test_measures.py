import math

import numpy as np
import pytest
from feasible_al.analysis.comparison.entrants import Entrant
from feasible_al.analysis.comparison.measures import final, reach
from feasible_al.analysis.comparison.savings import break_even, extra_seconds, saving
from feasible_al.analysis.curves import SeedCurve


def curve(scores, shares=(0.1, 0.2, 0.4), seed=1):
    points = tuple(range(len(scores)))
    return SeedCurve(seed, points, shares, scores, (0,) * len(scores), 0)


def test_area_and_final_score_by_hand():
    # From the first query on trapezoids 0.2 · 0.7 and 0.1 · 0.85, over a width of 0.3; from the seed set 0.1 · 0.55.
    whole = curve((0.5, 0.6, 0.8, 0.9), (0.1, 0.2, 0.4, 0.5))
    assert whole.area() == pytest.approx((0.14 + 0.085) / 0.3)
    assert whole.area((0, 1, 2)) == pytest.approx((0.055 + 0.14) / 0.3)
    assert whole.area((1, 3)) == pytest.approx((0.6 + 0.9) / 2)
    assert curve((0.7, 0.7, 0.7)).area() == pytest.approx(0.7)
    assert curve((0.5, 0.6), (0.1, 0.2)).area() == 0.6
    assert curve((0.5, 0.6, 0.8), (0.1, 0.2, 0.2)).area() == pytest.approx(0.7)  # nothing labelled in between
    assert final(curve((0.5, 0.6, 0.8))) == 0.8


def test_the_target_is_first_reached_between_two_points():
    found = reach(curve((0.5, 0.6, 0.8)), 0.7)
    assert (found.share, found.point, found.censored) == (pytest.approx(0.3), 2, False)
    assert reach(curve((0.5, 0.9, 0.9)), 0.9).share == pytest.approx(0.2)


def test_a_lucky_point_does_not_reach_a_target():
    # The nearest curve that never falls has 0.5, then 0.65, 0.65 and 0.8: a third of the last step to 0.7.
    found = reach(curve((0.5, 0.9, 0.4, 0.8), (0.1, 0.2, 0.3, 0.4)), 0.7)
    assert (found.share, found.point, found.censored) == (pytest.approx(0.3 + 0.1 / 3), 3, False)
    assert reach(curve((0.5, 0.9, 0.4)), 0.7).censored


@pytest.mark.parametrize(("rate", "target"), [(3, 0.8), (3, 0.85), (3, 0.86), (5, 0.85), (5, 0.87)])
def test_noisy_and_quiet_curves_of_one_mean_need_as_many_labels(rate, target):
    labels = np.linspace(100, 1600, 16)
    mean = 0.9 - 0.4 * np.exp(-rate * np.linspace(0, 1, 16))
    draws = np.random.default_rng(1).normal(size=(500, 16))

    def needed(noise):
        curves = [curve(tuple(mean + noise * draw), tuple(labels)) for draw in draws]
        return np.mean([reach(each, target).share for each in curves])

    truth = reach(curve(tuple(mean), tuple(labels)), target).share
    assert needed(0.005) == pytest.approx(truth, rel=0.02)
    assert needed(0.02) == pytest.approx(needed(0.005), rel=0.05)


def test_a_target_below_the_seed_set_needs_the_seed_set_and_one_out_of_reach_the_budget():
    assert reach(curve((0.5, 0.6, 0.8)), 0.4).share == 0.1
    found = reach(curve((0.5, 0.6, 0.8)), 0.81)
    assert (found.share, found.point, found.censored) == (0.4, 2, True)


def entrant(*curves):
    return Entrant("some", "other", {each.seed: each for each in curves})


def test_labels_saved_and_the_seconds_they_take():
    own = entrant(
        curve((0.5, 0.8, 0.9), seed=1), curve((0.5, 0.7, 0.9), seed=2), curve((0.5, 0.5, 0.9), seed=9)
    )
    other = entrant(curve((0.5, 0.6, 0.8), seed=1), curve((0.5, 0.6, 0.7), seed=2))
    found = saving(own, other, 0.8, size=1000)
    # Seed 1: 200 instead of 400; seed 2: 300 instead of the whole budget of 400, which was not enough.
    assert found.labels.mean == pytest.approx((200 + 100) / 2)
    assert (found.own_censored, found.other_censored, found.bound) == (0, 1, "at least")
    seconds = {1: (0.0, 10.0, 30.0), 2: (0.0, 10.0, 50.0)}
    none = dict.fromkeys((1, 2), (0.0, 0.0, 0.0))
    assert extra_seconds(found, seconds, none).mean == pytest.approx((10 + 50) / 2)
    alone = saving(own.only({1}), other, 0.8, size=1000)
    assert (alone.labels.mean, alone.labels.count, alone.bound) == (pytest.approx(200), 1, "")
    assert extra_seconds(alone, {1: seconds[1]}, none).mean == pytest.approx(10)


def test_censoring_binds_from_both_sides():
    short, long = entrant(curve((0.5, 0.6, 0.7))), entrant(curve((0.5, 0.8, 0.9)))
    assert saving(short, long, 0.8, 10).bound == "at most"
    assert saving(long, long, 0.8, 10).bound == ""
    assert saving(short, short, 0.8, 10).bound == "unclear"


def test_break_even_price():
    # Half an hour at 3 an hour for 100 labels.
    found = break_even(1.5, 100.0)
    assert (found.pays, found.value, found.bound) == ("above", pytest.approx(0.015), "")
    # An hour less for 10 labels more: worth it while a label costs less than 0.1.
    found = break_even(-1.0, -10.0)
    assert (found.pays, found.value) == ("below", pytest.approx(0.1))


@pytest.mark.parametrize(
    ("cost", "labels", "bound", "uncounted", "pays"),
    [
        (-5.0, 100.0, "", False, "always"),
        (0.0, 100.0, "at least", False, "always"),
        (-5.0, 100.0, "at most", False, "unclear"),
        (-5.0, 100.0, "", True, "unclear"),
        (1.5, -1.0, "", False, "never"),
        (1.5, 0.0, "at most", True, "never"),
        (1.5, -1.0, "at least", False, "unclear"),
        (1.5, 100.0, "unclear", False, "unclear"),
        (1.5, 100.0, "at least", True, "unclear"),
        (math.nan, 100.0, "", False, "unclear"),
        (0.0, -5.0, "", False, "never"),  # nothing saved, and labels lost
        (0.0, -5.0, "at least", False, "unclear"),
        (0.0, -5.0, "", True, "never"),
        (0.0, 0.0, "", False, "always"),
    ],
)
def test_where_there_is_no_price(cost, labels, bound, uncounted, pays):
    found = break_even(cost, labels, bound, uncounted)
    assert found.pays == pays
    assert math.isnan(found.value)


@pytest.mark.parametrize(
    ("cost", "labels", "bound", "uncounted", "shown"),
    [
        (1.5, 100.0, "at least", False, "at most"),  # more labels saved: a lower price
        (1.5, 100.0, "at most", False, "at least"),
        (1.5, 100.0, "", True, "at least"),  # more to pay: a higher one
        (1.5, 100.0, "at most", True, "at least"),
        (-1.5, -100.0, "at least", False, "at least"),  # fewer labels lost: a higher price
        (-1.5, -100.0, "at most", True, "at most"),
    ],
)
def test_prices_are_bound_by_what_is_not_counted(cost, labels, bound, uncounted, shown):
    assert break_even(cost, labels, bound, uncounted).bound == shown
