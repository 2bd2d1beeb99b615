"""Steps, batches and learning rates."""

import math
from itertools import pairwise

import numpy as np
import pytest
from feasible_al.config.blocks import Training, TrainingOverride
from feasible_al.engine.schedule import (
    Schedule,
    batches,
    ends_of_epochs,
    learning_rate_factor,
    schedule_of,
)
from hypothesis import given
from hypothesis import strategies as st

TABLE_4 = Training()  # epochs 5, batch 16, at least 350 steps


@pytest.mark.parametrize(
    ("instances", "epochs", "batch_size", "steps"),
    [
        (20, 70, 4, 350),
        (100, 14, 4, 350),
        (280, 5, 4, 350),
        (300, 5, 4, 375),
        (400, 5, 5, 400),
        (562, 5, 8, 355),
        (843, 5, 12, 355),
        (1104, 5, 15, 370),
        (1105, 5, 16, 350),
        (1200, 5, 16, 375),
    ],
)
def test_minimum_steps_rule_gives_the_protocols_check_values(instances, epochs, batch_size, steps):
    assert schedule_of(instances, TABLE_4) == Schedule(epochs, batch_size, steps)


def test_minimum_steps_rule_by_brute_force():
    for instances in range(1, 1500):
        fit = schedule_of(instances, TABLE_4)
        assert fit.steps == fit.epochs * math.ceil(instances / fit.batch_size) >= 350
        enough = [b for b in range(4, 17) if 5 * math.ceil(instances / b) >= 350]
        assert (fit.batch_size, fit.epochs == 5) == ((max(enough), True) if enough else (4, False))


def test_without_a_minimum_nothing_changes():
    assert schedule_of(10, Training(minimum_steps=0)) == Schedule(5, 16, 5)


def test_a_batch_size_below_four_is_kept():
    assert schedule_of(8, Training(batch_size=2, minimum_steps=100, epochs=1)) == Schedule(25, 2, 100)


def test_batches_are_one_shuffle_per_epoch():
    rows = np.array([3, 5, 8, 13, 21])
    steps = batches(rows, Schedule(3, 2, 9), seed=1, point=2)
    assert [len(step) for step in steps] == [2, 2, 1] * 3
    epochs = [np.concatenate(steps[start : start + 3]) for start in (0, 3, 6)]
    assert all(sorted(epoch) == rows.tolist() for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1
    again = batches(rows, Schedule(3, 2, 9), seed=1, point=2)
    assert all((a == b).all() for a, b in zip(steps, again, strict=True))
    assert any((a != b).any() for a, b in zip(steps, batches(rows, Schedule(3, 2, 9), 1, 3), strict=True))


def test_slanted_triangular_rate_rises_for_a_tenth_and_falls_to_zero():
    factors = [learning_rate_factor(step, 100, TABLE_4) for step in range(101)]
    assert factors[0] == 0
    assert factors[5] == pytest.approx(0.5)
    assert factors[10] == 1
    assert factors[55] == pytest.approx(0.5)
    assert factors[100] == 0


def test_the_warm_up_is_an_exact_share_of_the_steps():
    settings = Training(warmup=0.29)
    assert max(range(100), key=lambda step: learning_rate_factor(step, 100, settings)) == 29


def test_linear_and_constant_rates():
    linear, constant = Training(schedule="linear"), Training(schedule="constant")
    assert [learning_rate_factor(step, 4, linear) for step in range(4)] == [1, 0.75, 0.5, 0.25]
    assert learning_rate_factor(3, 4, constant) == 1


def test_overrides_are_laid_over_in_order():
    settings = Training().with_overrides(
        TrainingOverride(epochs=3, learning_rate=1e-4), TrainingOverride(epochs=7)
    )
    assert (settings.epochs, settings.learning_rate, settings.batch_size) == (7, 1e-4, 16)


@given(st.integers(1, 400), st.integers(1, 20), st.integers(0, 5))
def test_length_grouped_batches_hold_every_row_once_an_epoch_and_similar_lengths(n, size, seed):
    lengths = np.random.default_rng(n).integers(1, 100, n)
    fit = Schedule(2, size, 2 * -(-n // size))
    steps = batches(np.arange(n), fit, seed, 0, lengths)
    assert len(steps) == fit.steps
    assert (np.bincount(np.concatenate(steps), minlength=n) == 2).all()
    if n <= 50 * size:  # one stretch: no batch reaches into the lengths of another
        epoch = steps[: len(steps) // 2]
        spans = sorted((lengths[rows].min(), lengths[rows].max()) for rows in epoch)
        assert all(above[0] >= below[1] for below, above in pairwise(spans))
        assert [len(rows) for rows in epoch].count(size) == n // size


@pytest.mark.parametrize(
    ("instances", "schedule", "last", "ends"),
    [
        (10, Schedule(5, 4, 15), 3, [9, 12, 15]),
        (10, Schedule(2, 4, 6), 3, [3, 6]),
        (12, Schedule(4, 4, 12), 1, [12]),
        (10, Schedule(3, 4, 8), 2, [6, 8]),  # the last epoch is cut short
        (10, Schedule(5, 4, 15), 0, []),
    ],
)
def test_where_the_last_epochs_end(instances, schedule, last, ends):
    assert ends_of_epochs(instances, schedule, last) == ends
