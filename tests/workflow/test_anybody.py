"""Runs in anybody's folder: names, files, profiles and homes of all kinds, and failures told as they are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.workflow.little import CONFIG

pytestmark = pytest.mark.slow
FEASIBLE = Path(sys.executable).with_name("feasible-al")
TOPICS = CONFIG["datasets"]["topics"] | {"budget": {"seed": 20, "query": 10, "iterations": 1}}
LONG = "n" * 63


def raw(dataset="topics", model="cnn", series="random", **blocks):
    """A run of a few seconds."""
    return {
        "run": {"name": "any"},
        "seeds": [1],
        "engine": {"device": "cpu", "precision": "float32"},
        "datasets": {dataset: TOPICS},
        "models": {model: CONFIG["models"]["cnn"]},
        "series": {series: {"datasets": [dataset], "strategy": "random", "successor": model}},
        **blocks,
    }


def run(folder, config, unset=(), **environment):
    path = folder / "any.yaml"
    path.write_text(yaml.safe_dump(config))
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.run(
        [FEASIBLE, "run", path.name], cwd=folder, env=kept | environment,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "names",
    [("ag-news", "c++", "class", "a.b"), tuple(f"{LONG}{digit}" for digit in "1234")],
    ids=["marks", "long"],
)
def test_names_come_through_to_the_report(tmp_path, names):
    dataset, model, series, strategy = names
    queries = tmp_path / "queries.csv"
    queries.write_text("iteration,instance\n" + "".join(f"{i // 10},{i}\n" for i in range(20)))
    config = raw(dataset, model, series, imported_trajectories={strategy: {"path": "queries.csv"}})
    config["series"]["other"] = config["series"][series] | {"strategy": strategy}
    config["datasets"][dataset] = TOPICS | {"budget": {"seed": 10, "query": 10, "iterations": 1}}
    answer = run(tmp_path, config)
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / f"results/any/figures/curves_{dataset}.svg").exists()
    assert (tmp_path / "results/any/report.html").exists()


@pytest.fixture
def profile(tmp_path):
    """A Snakemake profile for all workflows of a user."""
    folder = tmp_path / "profile"
    folder.mkdir()
    (folder / "config.yaml").write_text("use-conda: true\njobs: 20\n")
    return folder


def test_neither_files_nor_profile_nor_home_of_a_user_join_in(tmp_path, profile):
    for module in ("tokenize", "random", "numpy", "snakemake", "yaml"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('not this one')\n")
    unset = [name for name in os.environ if name.startswith("XDG_")]
    answer = run(tmp_path, raw(), unset, SNAKEMAKE_PROFILE=str(profile), HOME="/proc/nohome")
    assert answer.returncode == 0, answer.stderr


def test_a_run_ends_with_the_words_of_what_failed_this_time(tmp_path):
    plugin = tmp_path / "mine.py"
    plugin.write_text(
        "import os, signal\n"
        "from feasible_al.strategies import query_strategy\n"
        "@query_strategy('mine', citation='', tasks=('classification',), needs=('probabilities',))\n"
        "def mine(view, rng):\n"
        "    print('about to end', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    bad = raw()
    bad["datasets"]["topics"] = TOPICS | {"expect": {"train": {"instances": 7}}}
    answer = run(tmp_path, bad)
    assert answer.returncode == 2
    assert "error: data/topics: " in answer.stderr
    assert "expected 7 instances" in answer.stderr
    killed = raw(plugins=["mine.py"])
    killed["series"]["random"] |= {"acquisition": "cnn", "strategy": "mine"}
    answer = run(tmp_path, killed)
    assert answer.returncode == 1
    job = "acquisition/topics/cnn/mine/none/seed1"
    assert f"error: {job}: killed by signal 9" in answer.stderr
    assert "about to end" in answer.stderr
    assert f"its log is results/any/logs/{job}.log" in answer.stderr
    assert "expected 7 instances" not in answer.stderr
    plugin.write_text(
        plugin.read_text().replace("os.kill(os.getpid(), signal.SIGKILL)", "raise KeyError(view.budget)")
    )
    answer = run(tmp_path, killed)
    assert answer.returncode == 1
    assert "KeyError: 10\n" in answer.stderr
    assert "killed" not in answer.stderr
    status = subprocess.run(
        [FEASIBLE, "status", "any"], cwd=tmp_path, capture_output=True, text=True, check=False
    ).stdout
    assert "KeyError: 10\n" in status
    assert "expected 7 instances" not in status


def test_a_figure_that_fails_is_named_with_the_end_of_its_log(tmp_path):
    assert run(tmp_path, raw()).returncode == 0
    figures = tmp_path / "results/any/figures"
    (figures / "curves_topics.svg").unlink()
    (tmp_path / "results/any/report.html").unlink()
    curve = tmp_path / "results/any/successor/topics/none/random/none/seed1/gold/cnn/point1/metrics.csv"
    stat = curve.stat()
    curve.write_text(curve.read_text().replace("accuracy,0", "accuracy,1"))
    os.utime(curve, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    answer = run(tmp_path, raw())
    assert answer.returncode == 2
    torn = "point1/metrics.csv: incomplete or changed"
    assert "error: figures/curves_topics: results/any/successor/" in answer.stderr
    assert torn in answer.stderr
    assert torn in (tmp_path / "results/any/report.html").read_text()
