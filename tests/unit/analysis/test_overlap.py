import numpy as np
import pandas as pd
import pytest
from feasible_al.core import rng
from feasible_al.results.overlap import TOP_PERCENTS, overlap


def scores_of(*by_iteration):
    rows = [(c, i, s) for c, scores in enumerate(by_iteration, 1) for i, s in scores.items()]
    return pd.DataFrame(rows, columns=["iteration", "instance", "score"])


def queries_of(*by_iteration):
    rows = [(c, i) for c, instances in enumerate(by_iteration) for i in instances]
    return pd.DataFrame(rows, columns=["iteration", "instance"])


def test_worked_example():
    # Iteration 1 leaves 2 to 9; by descending score their ranks are 9: 0, 8: 1/8, 7: 2/8, ..., 2: 7/8.
    first = {i: i / 10 for i in range(1, 11)}
    # What iteration 2 thinks, the opposite, does not count for its own query.
    second = {i: 1 - i / 10 for i in range(2, 10)}
    found = overlap(scores_of(first, second), queries_of([0], [10, 1], [9, 7, 5]), seed=1)
    # Ranks 0, 1/4 and 1/2; the last is not below a half.
    assert found["iteration"].tolist() == [1] * 5
    assert found["top_percent"].tolist() == [10, 20, 30, 40, 50]
    assert found["fraction"].tolist() == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 3, 2 / 3])


def slowly(scores, queries, seed):
    """One instance after the other, ranks as fractions."""
    asked = {int(c): set(rows["instance"]) for c, rows in queries.groupby("iteration")}
    rows = []
    for c in range(1, max(asked)):
        left = sorted(
            (row.instance, row.score)
            for row in scores.itertuples()
            if row.iteration == c and row.instance not in asked[c]
        )
        keys = rng.generator(seed, "ties", c).random(len(left))
        order = sorted(range(len(left)), key=lambda i: (-left[i][1], keys[i]))
        rank = {left[i][0]: place / len(left) for place, i in enumerate(order)}
        for k in TOP_PERCENTS:
            inside = [instance for instance in asked[c + 1] if rank[instance] < k / 100]
            rows.append((c, k, len(inside) / len(asked[c + 1])))
    return rows


@pytest.mark.parametrize("seed", range(20))
def test_against_a_slow_version_with_many_ties(seed):
    draws = np.random.default_rng(seed)
    left, queries, scores = list(draws.permutation(60)), [[]], []
    for _ in range(4):
        scores.append({int(i): float(draws.integers(4)) for i in left})
        size = int(draws.integers(1, 9))
        queries.append([int(i) for i in left[:size]])
        left = left[size:]
    table, asked = scores_of(*scores).sample(frac=1, random_state=seed), queries_of(*queries)
    found = list(overlap(table, asked, seed).itertuples(index=False, name=None))
    expected = slowly(table, asked, seed)
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    assert [row[2] for row in found] == pytest.approx([row[2] for row in expected])


def test_the_last_of_the_pool_can_be_queried():
    found = overlap(scores_of({1: 0.5, 2: 0.1}, {2: 0.1}), queries_of([0], [1], [2]), seed=1)
    assert found["fraction"].tolist() == [1.0] * 5


def test_one_iteration_has_none_before():
    assert overlap(scores_of({1: 0.5}), queries_of([0], [1]), seed=1).empty


def test_a_query_from_outside_the_pool_is_no_overlap():
    for outside in (1, 7):
        with pytest.raises(ValueError, match="query of iteration 2 is not from the pool of iteration 1"):
            overlap(scores_of({1: 0.5, 2: 0.1}), queries_of([0], [1], [outside]), seed=1)
