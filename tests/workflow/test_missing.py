"""Jobs that fail: what needs them is missed, and everything else is made and drawn."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import yaml

from tests.fake_run import FakeRun, raw_config
from tests.workflow.conftest import ROOT, planned

pytestmark = pytest.mark.slow

LC = "acquisition/topics/small/least_confidence/none/seed2"
TOPICS = {
    "task": "classification",
    "source": {"kind": "generated", "train": 150, "test": 40, "classes": 2},
    "budget": {"seed": 20, "query": 10, "iterations": 2},
    "training": {"epochs": 1, "minimum_steps": 4},
}
ELSEWHERE = {"kind": "files", "format": "csv", "train": "elsewhere.csv", "test": "elsewhere.csv"}
CNN = {"kind": "text_cnn", "embedding_size": 8, "filters": 4}
CHOSEN = {"datasets": ["topics"], "strategy": "margin", "successor": "cnn"}
REAL = {
    "run": {"name": "real"},
    "seeds": [1],
    "engine": {"device": "cpu", "precision": "float32"},
    "datasets": {"topics": TOPICS, "elsewhere": TOPICS | {"source": ELSEWHERE}},
    "models": {"cnn": CNN, "broken": CNN | {"training": {"learning_rate": 1e38}}},
    "series": {
        "margin": {**CHOSEN, "acquisition": "cnn"},
        "broken": {**CHOSEN, "acquisition": "broken"},
        "random": {"datasets": ["topics", "elsewhere"], "strategy": "random", "successor": "cnn"},
    },
    "figures": {
        "good": {"dataset": "topics", "series": ["margin"]},
        "part": {"dataset": "topics", "series": ["margin", "broken"]},
        "none": {"dataset": "elsewhere", "series": ["random"]},
    },
    "tables": {"scores": {"kind": "scores"}, "sizes": {"kind": "datasets"}},
}  # fmt: skip


def written(folder, raw):
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(raw))
    return path


def snakemake(folder, *options):
    """Snakemake in ``folder``, as on one machine, not waited for."""
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", *options, "--snakefile", str(ROOT / "Snakefile"), "--workflow-profile",
         str(ROOT / "profiles" / "default"), "--configfile", str(folder / "config.yaml")],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def run(folder, *options):
    command = [sys.executable, "-m", "feasible_al.cli", "run", "config.yaml", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def drawn(path):
    """The series of a figure, with the seeds that have a line."""
    found = {}
    for row in csv.DictReader(path.read_text().splitlines()):
        found.setdefault(row["series"], set()).update({row["seed"]} - {""})
    return {name: sorted(seeds) for name, seeds in found.items()}


def made_long_ago(folder):
    for path in folder.rglob("*"):
        os.utime(path, (0, 0))


def test_a_job_that_fails_costs_its_seed_and_no_page(tmp_path):
    folder = tmp_path / "results/fake"
    config = written(tmp_path, raw_config())
    FakeRun(folder).finish()
    shutil.copytree(folder / LC, tmp_path / "kept")
    shutil.rmtree(folder / LC)
    made_long_ago(tmp_path)
    process = snakemake(tmp_path)
    output, _ = process.communicate(timeout=300)  # made-up data are no parquet files
    assert process.returncode == 1, output
    assert drawn(folder / "figures/curves_topics.csv") == {
        "lc": ["1", "3"], "mismatch": ["1", "2", "3"], "random": ["1", "2", "3"], "full": [],
    }  # fmt: skip
    page = (folder / "report.html").read_text()
    assert "<strong>Incomplete.</strong>" in page
    assert (
        "Small &gt; Small on Made-up topics: 2 of 3 seeds, without seed 2: results/fake/data/topics: " in page
    )
    assert "figure curves_topics was made from the results that exist" in output
    assert "curves_spans was made" not in output
    # The pages are not whole, even when nothing is left to compute, and nothing is newer than they are.
    shutil.copytree(tmp_path / "kept", folder / LC)
    made_long_ago(folder / LC)
    again = {"collect": 1, "figure": 1, "table": 3, "report": 1, "all": 1}
    assert planned(tmp_path, config) == again | {"total": 7}
    output, _ = (process := snakemake(tmp_path)).communicate(timeout=300)
    assert process.returncode == 0, output
    assert "Incomplete" not in (folder / "report.html").read_text()
    assert planned(tmp_path, config) == {}


def test_a_figure_needs_its_own_sources_alone_and_a_run_ends_in_a_page_that_names_what_is_missing(tmp_path):
    written(tmp_path, REAL)
    answer = run(tmp_path, "--target", "good")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    results = tmp_path / "results/real"
    assert "real: 3 fits, about" in answer.stdout
    assert drawn(results / "figures/good.csv") == {"margin": ["1"]}
    assert "<strong>Narrowed.</strong>" in (results / "report.html").read_text()
    assert run(tmp_path).returncode == 2  # nothing is begun where a source is known to be absent
    assert not (results / "figures/part.csv").exists()

    (tmp_path / "elsewhere.csv").write_text("text,label\nred apples,food\nblue skies\n")
    answer = run(tmp_path)
    assert answer.returncode == 2, answer.stdout + answer.stderr
    assert "report: results/real/report.html, which says what is missing" in answer.stdout
    assert "error: data/elsewhere: " in answer.stderr
    page = (results / "report.html").read_text()
    assert "elsewhere.csv:3" in page
    assert (
        "broken &gt; cnn on topics: missing: needs acquisition/topics/broken/margin/none/seed1, which failed: "
        in page
    )
    assert "loss nan at step" in page
    assert drawn(results / "figures/part.csv") == {"margin": ["1"]}
    assert drawn(results / "figures/none.csv") == {}
    assert "Not shown: random &gt; cnn: missing: needs data/elsewhere, which failed: " in page


def test_whoever_stops_a_run_is_not_told_that_jobs_failed(tmp_path):
    long = REAL | {
        "datasets": {**REAL["datasets"], "topics": TOPICS | {"training": {"minimum_steps": 10**6}}}
    }
    written(tmp_path, long)
    process = snakemake(tmp_path, "part")
    state = tmp_path / "results/real/state"
    deadline = time.monotonic() + 120
    while not list(state.glob("*/progress.json")):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "was made from the results that exist" not in output
    assert not (tmp_path / "results/real/figures").exists()
