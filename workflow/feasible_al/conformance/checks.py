"""The contract of query strategies, a function per check that returns what it found or raises ``Broken``."""

import inspect
import json
import random
import subprocess
import sys
from collections.abc import Callable

import numpy as np

from feasible_al.conformance.pools import CLASSES, labelled, pool, queried, twin_of, without
from feasible_al.core.errors import NonFiniteScore, RepeatedCandidate, ShortQuery
from feasible_al.strategies import STRATEGIES

SIZE, BUDGET, QUERIES = 300, 25, 3
POOLS, CHANCE = 100, 4.0  # pools compared with random sampling, and tolerated standard deviations above it
ORDERS, ENOUGH = 8, 12  # orders of the pool; pairs of twins, enough not to agree by chance (2 in 4,096)


class Broken(Exception):
    """The contract is broken; the message says how."""


Check = Callable[[str, str, str], str]
"""``(strategy, task, target) -> what was found``; the target is the file or name that was asked for."""


def one_finite_score_each(name: str, task: str, target: str) -> str:
    """Every candidate has one finite score."""
    try:
        _first(name, task)
    except NonFiniteScore as error:
        raise Broken(str(error)) from error
    except (RepeatedCandidate, ShortQuery):
        return "a batch is scored by its order"
    return "one for each candidate"


def distinct_candidates(name: str, task: str, target: str) -> str:
    """No candidate is queried twice."""
    try:
        ids = _first(name, task)
    except RepeatedCandidate as error:
        raise Broken(str(error)) from error
    except ShortQuery:
        return "none twice in a query that is too short"
    if len(set(ids)) < len(ids):
        raise Broken("a candidate is queried twice")
    return f"{len(ids)} of {SIZE}"


def budget_met(name: str, task: str, target: str) -> str:
    """Budgets of 1 to all candidates are used up."""
    everything = int(pool(name, task, SIZE, BUDGET).costs.sum())
    for budget in (1, BUDGET, everything):
        try:
            queried(name, pool(name, task, SIZE, budget))
        except ShortQuery as error:
            raise Broken(str(error)) from error
    return f"1, {BUDGET} and {everything}"


def same_seed_same_answer(name: str, task: str, target: str) -> str:
    """Two calls with the same generator agree, whatever the state of the global generators."""
    answers = []
    for seed in (1, 2):
        _set_globals(seed)
        answers.append(_first(name, task))
    if answers[0] != answers[1]:
        raise Broken("two calls with the same generator give different queries")
    return "twice the same query"


def pool_order_irrelevant(name: str, task: str, target: str) -> str:
    """The order of the pool does not change the query, nor decide between two equal candidates (twins).

    Which twin is queried first may change with the order, since sums are rounded differently at other
    positions of an array. But it must not always be the one that is first in the pool, or always the last.
    """
    view, earlier = pool(name, task, SIZE, BUDGET), list[bool]()
    expected = np.sort(twin_of(np.array(queried(name, view))))
    for seed in range(ORDERS):
        shuffled = view.reordered(np.random.default_rng([5, seed]).permutation(SIZE))
        ids = queried(name, shuffled)
        if not np.array_equal(np.sort(twin_of(np.array(ids))), expected):
            raise Broken("the same candidates in another order give another query")
        place = {instance: position for position, instance in enumerate(shuffled.ids.tolist())}
        preferred = {int(twin_of(np.array(i))): i for i in reversed(ids) if i ^ 1 in place}
        earlier += [place[first] < place[first ^ 1] for first in preferred.values()]
    if len(earlier) >= ENOUGH and len(set(earlier)) == 1:
        raise Broken(f"of equal candidates the {'first' if earlier[0] else 'last'} in the pool is preferred")
    return f"{ORDERS} orders, the same query"


def input_untouched(name: str, task: str, target: str) -> str:
    """No array of the pool is changed."""
    view = pool(name, task, SIZE, BUDGET)
    arrays = {key: array for key, array in vars(view).items() if isinstance(array, np.ndarray)}
    before = {key: array.copy() for key, array in arrays.items()}
    queried(name, view)
    changed = [key for key, array in arrays.items() if not np.array_equal(array, before[key])]
    if changed:
        raise Broken(f"changes {', '.join(changed)}")
    return ", ".join(sorted(arrays))


def no_labels_seen(name: str, task: str, target: str) -> str:
    """Other labels, in memory and in the files of the run, do not change the query."""
    view = pool(name, task, SIZE, BUDGET)
    classes = np.random.default_rng(6).integers(0, CLASSES, SIZE)
    answers = []
    for labels in (classes, (classes + 1) % CLASSES):
        with labelled(view, labels) as dataset:
            answers.append(queried(name, view, dataset=dataset))
    if answers[0] != answers[1]:
        raise Broken("the query changes with the candidates' labels")
    return "other labels, the same query"


def no_global_randomness(name: str, task: str, target: str) -> str:
    """The global generators of ``random``, numpy and torch are not used, in pools of any size."""
    for seed, size in enumerate((2, 40, SIZE, 4 * SIZE), start=8_191):
        view = pool(name, task, size, BUDGET)
        _set_globals(seed)  # not a seed that a strategy is likely to set
        before = _global_states()
        queried(name, view)
        moved = [key for key, state in _global_states().items() if state != before.get(key, state)]
        if moved:
            raise Broken(f"uses the global generator of {', '.join(moved)}; draw from the one that is passed")
    return "untouched"


def exhausted_pool(name: str, task: str, target: str) -> str:
    """A budget larger than the pool takes all candidates, even if only one is left."""
    for size in (1, 2, 7):
        if len(queried(name, pool(name, task, size, 1000))) != size:
            raise Broken(f"does not take all {size} candidates that are left")
    return "1, 2 and 7 left: all taken"


def source_declared(name: str, task: str, target: str) -> str:
    """The strategy has a citation and a docstring, which a comparison shows."""
    strategy = STRATEGIES[name]
    if not strategy.citation.strip():
        raise Broken("has no citation; say where the strategy comes from")
    if not inspect.getdoc(strategy.score):
        raise Broken("has no docstring; say in a sentence what the strategy does")
    return strategy.citation


def resume_identity(name: str, task: str, target: str) -> str:
    """The last query of several is the same in a process that has not seen the earlier ones."""
    view, taken = pool(name, task, SIZE, BUDGET), list[int]()
    for _ in range(QUERIES - 1):
        taken += queried(name, without(view, taken))
    last = queried(name, without(view, taken))
    program = [sys.executable, "-P", "-m", "feasible_al.conformance.check"]
    answer = subprocess.run(
        [*program, target, name, task, json.dumps(taken)], capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise Broken(f"fails in a new process: {answer.stderr.strip().splitlines()[-1]}")
    if json.loads(answer.stdout.splitlines()[-1]) != last:
        raise Broken(f"query {QUERIES} is different in a process that has not seen the earlier ones")
    return f"query {QUERIES} of {QUERIES}, alone in a new process"


def no_better_than_random(name: str, task: str, target: str) -> str:
    """With a model that knows nothing, no class is queried more often than at random, unless labels leak."""
    hits, drawn, variance = 0, 0, 0.0
    for seed in range(POOLS):
        view = pool(name, task, SIZE, BUDGET, seed)
        wanted = np.random.default_rng([7, seed]).permutation(SIZE) < SIZE // 2
        with labelled(view, wanted.astype(np.int64)) as dataset:
            ids = queried(name, view, seed, dataset)
        hits += int(wanted[np.isin(view.ids, ids)].sum())
        drawn += len(ids)
        variance += len(ids) * 0.25 * (SIZE - len(ids)) / (SIZE - 1)
    beyond = (hits - drawn / 2) / variance**0.5
    if beyond > CHANCE:
        raise Broken(f"{hits / drawn:.1%} of the queries are of a class that is 50% of the pool")
    return f"{hits / drawn:.1%} of a class that is 50% of the pool"


CHECKS: dict[str, Check] = {
    "finite scores": one_finite_score_each,
    "distinct candidates": distinct_candidates,
    "budget met": budget_met,
    "no global random state": no_global_randomness,
    "same seed, same answer": same_seed_same_answer,
    "pool order irrelevant": pool_order_irrelevant,
    "input untouched": input_untouched,
    "no labels seen": no_labels_seen,
    "exhausted pool": exhausted_pool,
    "source declared": source_declared,
    "resume identity": resume_identity,
    "no better than random on an uninformative model": no_better_than_random,
}
BASIC = 3  # the first checks; the others are skipped if one of them fails


def _first(name: str, task: str) -> list[int]:
    return queried(name, pool(name, task, SIZE, BUDGET))


def _set_globals(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - what a strategy must not look at
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def _global_states() -> dict[str, str]:
    states = {"random": repr(random.getstate()), "numpy": repr(np.random.get_state())}  # noqa: NPY002
    if "torch" in sys.modules:
        states["torch"] = sys.modules["torch"].get_rng_state().numpy().tobytes().hex()
    return states
