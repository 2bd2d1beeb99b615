"""What every registered query strategy must do: the checks of ``feasible-al check``, and the right order."""

import numpy as np
import pytest
from feasible_al.conformance.checks import CHECKS, no_better_than_random, resume_identity
from feasible_al.conformance.growth import growth
from feasible_al.strategies import STRATEGIES, PoolView, scores_of

CASES = [(name, task) for name, strategy in STRATEGIES.items() for task in strategy.tasks]
SLOW = {no_better_than_random, resume_identity}


@pytest.mark.parametrize(("name", "task"), CASES)
@pytest.mark.parametrize(
    "check",
    [
        pytest.param(check, id=name, marks=pytest.mark.slow if check in SLOW else ())
        for name, check in CHECKS.items()
    ],
)
def test_passes_every_check(check, name, task):
    check(name, task, name)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), CASES)
def test_time_and_memory_grow_with_the_pool(name, task):
    growth(name, task, 10_000)


@pytest.mark.parametrize(
    ("name", "task"), [case for case in CASES if STRATEGIES[case[0]].needs == {"probabilities"}]
)
def test_the_more_uncertain_instance_comes_first(name, task):
    uniform, certain = np.log([0.25] * 4), np.log([0.97, 0.01, 0.01, 0.01])
    view = PoolView(
        np.arange(2), np.ones(2, int), np.arange(3), np.array([certain, uniform], dtype=np.float32)
    )
    assert np.argmax(scores_of(name, view, np.random.default_rng(0))) == 1
