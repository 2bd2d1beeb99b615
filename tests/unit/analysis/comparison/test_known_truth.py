"""Made-up results with a known truth, through the same functions as real ones."""

import numpy as np
import pytest
from feasible_al.analysis.comparison.across import across, across_p
from feasible_al.analysis.comparison.entrants import Entrant, gains, tally
from feasible_al.analysis.comparison.paired import permutation_p
from feasible_al.analysis.curves import SeedCurve
from feasible_al.analysis.intervals import interval
from feasible_al.analysis.statistics import holm

RUNS = 1000
POINTS = 6
SHARES = tuple(np.linspace(0.01, 0.11, POINTS))


def board(rng, seeds, gains_of, noise="normal"):
    """Curves of random labelling and of strategies that are better by a known constant, as a comparison has them."""
    common = rng.normal(0, 0.03, (seeds, 1))  # what a seed does to all of them alike
    draw = {
        "normal": lambda size: rng.normal(0, 0.02, size),
        "uniform": lambda size: rng.uniform(-0.03, 0.03, size),
    }
    found = {}
    for name, gain in {"random": 0.0, **gains_of}.items():
        scores = 0.5 + 0.05 * np.arange(POINTS) + gain + common + draw[noise]((seeds, POINTS))
        curves = {
            seed: SeedCurve(seed, tuple(range(POINTS)), SHARES, tuple(row), (0,) * POINTS, 0)
            for seed, row in enumerate(scores.tolist())
        }
        found[name] = Entrant(name, None if name == "random" else "random", curves)
    return found


def differences(rng, seeds, gain=0.0, noise="normal"):
    known = board(rng, seeds, {"other": gain}, noise)
    return gains(known["other"], known)


@pytest.mark.parametrize(("seeds", "noise"), [(5, "normal"), (5, "uniform"), (10, "normal"), (20, "normal")])
def test_intervals_hold_the_truth_as_often_as_they_say(seeds, noise):
    rng = np.random.default_rng(seeds)
    found = [interval(differences(rng, seeds, 0.01, noise)) for _ in range(RUNS)]
    assert 0.93 <= np.mean([each.low <= 0.01 <= each.high for each in found]) <= 0.97


@pytest.mark.parametrize("seeds", [10, pytest.param(20, marks=pytest.mark.slow)])
def test_permutation_tests_find_nothing_in_nothing(seeds):
    rng = np.random.default_rng(seeds)
    p = [permutation_p(differences(rng, seeds)) for _ in range(RUNS)]
    assert 0.03 <= np.mean(np.array(p) <= 0.05) <= 0.07


def test_five_seeds_can_find_nothing_at_all_by_permutation():
    rng = np.random.default_rng(0)
    assert all(permutation_p(differences(rng, 5, 0.5)) > 0.05 for _ in range(20))


@pytest.mark.slow
def test_six_strategies_that_are_no_better_are_rarely_called_better():
    rng = np.random.default_rng(6)
    wrong = 0
    for _ in range(RUNS):
        known = board(rng, 10, dict.fromkeys("abcdef", 0.0))
        p = {
            name: permutation_p(gains(entrant, known)) for name, entrant in known.items() if name != "random"
        }
        wrong += min(holm(p).values()) <= 0.05
    assert wrong / RUNS <= 0.07


def test_one_strategy_that_is_better_is_found_and_the_others_are_not():
    rng = np.random.default_rng(2)
    known = board(rng, 10, {"good": 0.04, "bad": -0.04, "same": 0.0})
    p = {name: permutation_p(gains(known[name], known)) for name in ("good", "bad", "same")}
    found = {name for name, value in holm(p).items() if value <= 0.05}
    assert found == {"good", "bad"}
    assert tally("good", "bad", [known, known]) == {"win": 2, "tie": 0, "loss": 0}
    assert tally("bad", "random", [known]) == {"win": 0, "tie": 0, "loss": 1}
    assert tally("good", "absent", [known]) == {"win": 0, "tie": 0, "loss": 0}


@pytest.mark.parametrize(("datasets", "between"), [(3, 0.02), (5, 0.0), (5, 0.01), (8, 0.02)])
def test_intervals_over_datasets_hold_the_mean_of_all_datasets(datasets, between):
    rng = np.random.default_rng(datasets)
    hits = 0
    for _ in range(RUNS):
        samples = [
            rng.normal(0.01 + rng.normal(0, between), rng.choice([0.01, 0.02]), 5) for _ in range(datasets)
        ]
        found = across(samples)
        hits += found.low <= 0.01 <= found.high
    assert 0.93 <= hits / RUNS <= 0.98


def test_no_test_over_fewer_than_six_datasets():
    samples = [[0.1, 0.2, 0.15]] * 5
    assert np.isnan(across_p(samples))
    assert across_p([*samples, [0.3]]) == pytest.approx(2 / 64)
    assert not across(samples[:1]).known
