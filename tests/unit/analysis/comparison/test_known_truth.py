"""Made-up results with a known truth, through the same functions as real ones."""

import numpy as np
import pytest
from feasible_al.analysis.comparison.entrants import Entrant, duels, tally
from feasible_al.analysis.comparison.paired import across, permutation_p
from feasible_al.analysis.curves import SeedCurve
from feasible_al.analysis.intervals import t_interval
from feasible_al.analysis.statistics import Sample, findings
from scipy import stats

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
    return gains(board(rng, seeds, {"other": gain}, noise), "other")


def gains(known, name):
    return known[name].minus(known["random"], SeedCurve.area)


@pytest.mark.parametrize(("seeds", "noise"), [(5, "normal"), (5, "uniform"), (10, "normal"), (20, "normal")])
def test_intervals_hold_the_truth_as_often_as_they_say(seeds, noise):
    rng = np.random.default_rng(seeds)
    found = [t_interval(differences(rng, seeds, 0.01, noise)) for _ in range(RUNS)]
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
@pytest.mark.parametrize("seeds", [5, 10])
def test_six_strategies_that_are_no_better_are_rarely_called_better(seeds):
    rng = np.random.default_rng(6)
    wrong = 0
    for _ in range(RUNS):
        known = board(rng, seeds, dict.fromkeys("abcdef", 0.0))
        found = findings({name: Sample(gains(known, name)) for name in "abcdef"})
        wrong += any(finding.lies for finding in found.values())
    assert wrong / RUNS <= 0.06


def test_one_strategy_that_is_better_is_found_and_the_others_are_not():
    rng = np.random.default_rng(2)
    known = board(rng, 10, {"good": 0.04, "bad": -0.04, "same": 0.0})
    found = findings({name: Sample(gains(known, name)) for name in ("good", "bad", "same")})
    assert {name: finding.verdict for name, finding in found.items()} == {
        "good": "better",
        "bad": "worse",
        "same": "undecided",
    }
    fought = duels(known)
    assert len(fought) == 6
    assert {finding.tests for finding in fought.values()} == {6}
    assert tally("good", "bad", [fought, fought]) == {"better": 2, "undecided": 0, "worse": 0}
    assert tally("bad", "random", [fought]) == {"better": 0, "undecided": 0, "worse": 1}
    assert tally("random", "bad", [fought]) == {"better": 1, "undecided": 0, "worse": 0}
    assert tally("good", "absent", [fought]) == {"better": 0, "undecided": 0, "worse": 0}


@pytest.mark.parametrize(("seeds", "counted"), [(3, 0), (4, 1)])
def test_few_seeds_are_neither_a_win_nor_a_tie(seeds, counted):
    known = board(np.random.default_rng(3), seeds, {"good": 0.5})
    (found,) = duels(known).values()
    assert found.verdict == ("worse" if counted else "too few seeds")
    assert sum(tally("good", "random", [duels(known)]).values()) == counted


@pytest.mark.parametrize(("datasets", "between"), [(3, 0.02), (5, 0.0), (5, 0.01), (8, 0.02)])
def test_intervals_over_datasets_hold_the_mean_of_all_datasets(datasets, between):
    rng = np.random.default_rng(datasets)
    hits = 0
    for _ in range(RUNS):
        samples = [
            rng.normal(0.01 + rng.normal(0, between), rng.choice([0.01, 0.02]), 5) for _ in range(datasets)
        ]
        found = across({"it": samples})["it"].interval
        hits += found.low <= 0.01 <= found.high
    assert 0.93 <= hits / RUNS <= 0.98


def test_no_verdict_over_fewer_than_four_datasets():
    samples = [[0.1, 0.2, 0.15], [0.16, 0.14], [0.14, 0.15, 0.16]]
    assert across({"it": samples})["it"].verdict == "too few seeds"
    found = across({"it": [*samples, [0.16]]})["it"]
    assert found.p == pytest.approx(stats.ttest_1samp([0.15, 0.15, 0.15, 0.16], 0).pvalue)
    assert found.verdict == "better"
    assert not across({"it": samples[:1]})["it"].interval.known
