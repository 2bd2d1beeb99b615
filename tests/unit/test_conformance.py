"""The conformance kit: it passes what is right and names what is wrong."""

import pytest
from feasible_al.cli import main
from feasible_al.conformance.check import outcomes, registered
from feasible_al.strategies import STRATEGIES

HEADER = """
import inspect, random
import numpy as np
from feasible_al.strategies import batch_strategy, query_strategy
@{decorator}("planted", citation="none", tasks=("classification",), needs=("probabilities",))
def planted(view, rng):
"""
PLANTED = {
    "duplicate ids": ("batch_strategy", "return [3] * view.budget", "distinct candidates", "twice"),
    "ignores the budget": ("batch_strategy", "return range(20)", "budget met", "chose 20 instances with a budget of"),
    "returns NaN": ("query_strategy", "return np.where(view.ids % 9, 0.5, np.nan)", "finite scores", "nan"),
    "too few scores": ("query_strategy", "return np.zeros(4)", "finite scores", "(4,) scores for 300 candidates"),
    "global numpy": ("query_strategy", "return np.random.rand(len(view))", "no global random state", "numpy"),
    "global random": ("query_strategy", "return [random.random() for _ in view.ids]", "no global random state", "random"),
    "own generator": ("query_strategy", "return np.random.default_rng().random(len(view))", "same seed, same answer", "different queries"),
    "pool order": ("query_strategy", "return np.arange(len(view)) / len(view)", "pool order irrelevant", "another order"),
    "writes": ("query_strategy", "view.log_proba.flags.writeable = True; view.log_proba[:] = 0; return -view.ids", "input untouched", "log_proba"),
    "undeclared need": ("query_strategy", "return view.embeddings[:, 0]", "finite scores", "without declaring"),
    "sees labels in memory": (
        "query_strategy",
        "frames = [f.frame.f_locals.get('dataset') for f in inspect.stack()]\n"
        "    data = next((d for d in frames if d is not None), None)\n"
        "    return -view.ids if data is None else np.isin(view.ids, data.train.ids[data.train.targets == 1])",
        "no labels seen",
        "changes with the candidates' labels",
    ),
    "sees labels on disk": (
        "query_strategy",
        "import pandas as pd, pathlib\n"
        "    files = list(pathlib.Path('results').glob('*/data/*/train.parquet'))\n"
        "    table = pd.concat(map(pd.read_parquet, files)).set_index('id') if files else None\n"
        "    return -view.ids if table is None else (table['label'].loc[view.ids] == 'class 1').to_numpy()",
        "no labels seen",
        "changes with the candidates' labels",
    ),
    "prefers a class": (
        "query_strategy",
        "frames = [f.frame.f_locals.get('wanted') for f in inspect.stack()]\n"
        "    data = next((d for d in frames if d is not None), None)\n"
        "    return view.ids if data is None else data.astype(float)",
        "no better than random on an uninformative model",
        "100.0% of the queries",
    ),
    "remembers": (
        "query_strategy",
        "planted.calls = getattr(planted, 'calls', 0) + 1\n"
        "    return view.ids * (1 if planted.calls > 2 else -1)",
        "resume identity",
        "has not seen the earlier ones",
    ),
    "quadratic": (
        "query_strategy",
        "return np.ones((len(view), len(view)), np.int16).max(axis=1) * view.ids",
        "time and memory growth",
        "times the MB of 1,000",
    ),
}  # fmt: skip


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(STRATEGIES, "_entries", dict(STRATEGIES._entries))


def file_of(tmp_path, decorator, body):
    path = tmp_path / "planted.py"
    path.write_text(HEADER.format(decorator=decorator) + f"    # {tmp_path}\n    {body}\n")
    return str(path)


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found_and_named(fault, tmp_path, registry):
    decorator, body, check, reason = PLANTED[fault]
    path = file_of(tmp_path, decorator, body)
    assert registered(path) == ["planted"]
    for outcome in outcomes("planted", "classification", path, 10_000):
        if outcome.check == check:
            assert outcome.verdict == "fail"
            assert reason in outcome.found
            break
        # Only a fault in what all queries share is seen by several checks.
        assert outcome.verdict == "pass" or fault in {"global numpy", "global random"}, outcome


def test_a_strategy_of_few_lines_passes_and_the_command_says_so(tmp_path, registry, capsys):
    path = file_of(
        tmp_path, "query_strategy", "return view.mean_over_units(view.log_probabilities.std(axis=1))"
    )
    assert main(["check", path, "--largest", "1000"]) == 0
    assert "all passed" in capsys.readouterr().out


def test_the_command_fails_with_the_reason_and_skips_what_makes_no_sense_then(tmp_path, registry, capsys):
    path = file_of(tmp_path, "query_strategy", "return np.full(len(view), np.inf)")
    assert main(["check", path]) == 1
    printed = capsys.readouterr().out
    assert "inf" in printed
    assert "skipped" in printed
    assert "1 failed" in printed


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), [(n, t) for n, s in STRATEGIES.items() for t in s.tasks])
def test_every_strategy_of_the_package_passes(name, task):
    assert [o for o in outcomes(name, task, name, 10_000) if o.verdict != "pass"] == []
