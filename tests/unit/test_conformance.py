"""The conformance kit: it passes what is right and names what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from feasible_al.cli import main
from feasible_al.conformance.check import outcomes, registered
from feasible_al.conformance.checks import CHECKS
from feasible_al.jobs import plugins
from feasible_al.strategies import STRATEGIES

HEADER = """
import inspect, random
import numpy as np
from feasible_al.strategies import batch_strategy, query_strategy
@{decorator}("planted", citation="none", tasks=("classification",), needs=("probabilities",))
def planted(view, rng):
    "A strategy with a fault."
"""
PLANTED = {
    "duplicate ids": ("batch_strategy", "return [3] * view.budget", "distinct candidates", "twice"),
    "ignores the budget": ("batch_strategy", "return range(20)", "budget met", "chose 20 instances with a budget of"),
    "returns NaN": ("query_strategy", "return np.where(view.ids % 9, 0.5, np.nan)", "finite scores", "nan"),
    "too few scores": ("query_strategy", "return np.zeros(4)", "finite scores", "scores of shape (4,) for 300 candidates"),
    "global numpy": ("query_strategy", "return np.random.rand(len(view))", "no global random state", "numpy"),
    "global random": ("query_strategy", "return [random.random() for _ in view.ids]", "no global random state", "random"),
    "own generator": ("query_strategy", "return np.random.default_rng().random(len(view))", "same seed, same answer", "different queries"),
    "sets global numpy": ("query_strategy", "np.random.seed(0); return np.random.rand(len(view))", "no global random state", "numpy"),
    "sets torch": ("query_strategy", "import torch; torch.manual_seed(3); return torch.rand(len(view)).double().numpy()", "no global random state", "torch"),
    "global in large pools": ("query_strategy", "return np.random.rand(len(view)) if len(view) > 500 else view.ids", "no global random state", "numpy"),
    "pool order": ("query_strategy", "return np.arange(len(view)) / len(view)", "pool order irrelevant", "another order"),
    "pool order of equals": ("query_strategy", "return view.log_probabilities.max(axis=1) - 1e-12 * np.arange(len(view))", "pool order irrelevant", "of equal candidates the first in the pool"),
    "writes": ("query_strategy", "view.log_proba.flags.writeable = True; view.log_proba[:] = 0; return -view.ids", "input untouched", "log_proba"),
    "undeclared need": ("query_strategy", "return view.embeddings[:, 0]", "finite scores", "does not declare it"),
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
    "needs two candidates": ("query_strategy", "x = view.log_probabilities[:, 0]; return x - np.sort(x)[1]", "exhausted pool", "IndexError"),
    "undocumented": ("query_strategy", "return -view.ids\nplanted.__doc__ = None", "source declared", "no docstring"),
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
        assert outcome.verdict == "pass" or "global" in fault or "torch" in fault, outcome


def test_every_check_finds_a_planted_fault():
    assert {check for _, _, check, _ in PLANTED.values()} == {*CHECKS, "time and memory growth"}


def test_results_of_earlier_runs_change_no_finding(tmp_path, registry):
    table = Path("results/earlier/data/topics/train.parquet")
    table.parent.mkdir(parents=True)
    pd.DataFrame({"id": [1], "label": ["class 1"]}).to_parquet(table)
    test_a_planted_fault_is_found_and_named("sees labels on disk", tmp_path, registry)


def test_too_few_words_are_found_when_tagging_too(tmp_path, registry):
    path = file_of(tmp_path, "batch_strategy", "return range(120)")
    Path(path).write_text(Path(path).read_text().replace("classification", "tagging"))
    registered(path)
    found = {outcome.check: outcome for outcome in outcomes("planted", "tagging", path, 1000)}
    assert found["budget met"].verdict == "fail"


def test_a_strategy_may_read_a_file_of_its_own(tmp_path, registry, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("table.npy", np.linspace(1, 2, 4))
    path = file_of(tmp_path, "query_strategy", "return view.log_probabilities @ np.load('table.npy')")
    registered(path)
    assert {o.verdict for o in outcomes("planted", "classification", path, 1000)} == {"pass"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('("classification",)', "()", "strategy planted: has no task"),
        ('"planted"', '"my strategy"', "'my strategy' is not a valid name of a query strategy"),
        ("@query", "import functools\nquery_strategy('p', citation='')(functools.partial(max))\n@query", "not a partial"),
        ("@query_strategy", "raise SystemExit\n@query_strategy", "cannot be imported: SystemExit"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_strategy_is_refused(tmp_path, registry, capsys, old, new, message):
    path = file_of(tmp_path, "query_strategy", "return view.ids")
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))
    assert main(["check", path]) == 2
    assert message in capsys.readouterr().err


def test_a_strategy_may_be_in_a_module_of_a_package(tmp_path, registry, monkeypatch):
    (tmp_path / "packaged_strategies").mkdir()
    (tmp_path / "packaged_strategies" / "__init__.py").write_text("from . import one\n")
    text = HEADER.format(decorator="query_strategy") + "    return view.ids\n"
    (tmp_path / "packaged_strategies" / "one.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(plugins, "installed", lambda: {"theirs": "packaged_strategies"})
    assert registered("theirs") == ["planted"]


def test_memory_of_torch_counts_too(tmp_path):
    body = "import torch\n    return torch.ones(len(view), len(view), dtype=torch.int16).amax(1).numpy() * view.ids"
    path = file_of(tmp_path, "query_strategy", body)
    # In a process of its own: this one may have had more memory already.
    found = subprocess.run(
        [Path(sys.executable).with_name("feasible-al"), "check", path, "--largest", "10000"],
        capture_output=True, text=True, env=os.environ | {"COLUMNS": "200"}, check=False,
    )  # fmt: skip
    assert found.returncode == 1
    assert "times the MB of 1,000" in found.stdout
    assert "1 failed" in found.stdout


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
