"""Components from files outside the package, in whole runs; and the tutorial, whose commands are run."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tests.workflow.conftest import ROOT

pytestmark = pytest.mark.slow
LITTLE = {
    "task": "classification",
    "source": {"kind": "generated", "train": 200, "test": 60, "classes": 3},
    "budget": {"seed": 20, "query": 10, "iterations": 2},
    "training": {"epochs": 2, "minimum_steps": 20, "learning_rate": 2e-3},
}
ENCODER = {"kind": "encoder", "weights": {"kind": "scratch", "hidden_size": 16}, "dropout": 0.1}


def command(folder: Path, line: str) -> str:
    """Run a line of the shell that begins with ``feasible-al`` or ``python``."""
    program, *arguments = shlex.split(line)
    module = [] if program.endswith("python") else ["-m", "feasible_al.cli"]
    answer = subprocess.run(
        [sys.executable, *module, *arguments],
        cwd=folder, capture_output=True, text=True, timeout=1800, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_files_outside_the_repository_need_a_config_change_alone(tmp_path):
    for example in (ROOT / "workflow/feasible_al/examples").glob("*.py"):
        shutil.copy(example, tmp_path)
    matched = {"datasets": ["topics"], "acquisition": "encoder", "successor": "encoder"}
    theirs = {
        "by_predictions": {"name": "Falcun", "needs": "probabilities"},
        "by_embeddings": {"name": "MaxHerding", "needs": "embeddings"},
        "by_labelled": {"name": "TypiClust", "needs": ["embeddings", "labelled_embeddings"]},
    }
    built_in = ["least_confidence", "bald", "cal", "mahalanobis"]
    built_in += ["badge", "cluster_margin", "coreset", "kmeans", "prob_cover", "typiclust"]
    strategies = [*built_in, "gini", "spread", *theirs]
    config = {
        "run": {"name": "own"},
        "seeds": [1],
        "plugins": ["gini.py", "spread.py", "half_and_half.py", "bag_of_words.py"],
        "strategies": {name: {"from": "scikit-activeml", **block} for name, block in theirs.items()},
        "comparison": {},
        "datasets": {"topics": LITTLE},
        "models": {
            "encoder": ENCODER,
            "bag": {"kind": "plugin", "architecture": "bag_of_words", "settings": {"size": 8}},
        },
        "subsampling": {
            "half": {"kind": "plugin", "name": "half_and_half", "share": 0.4, "full_iterations": [1]}
        },
        "series": {
            "random": {"datasets": ["topics"], "strategy": "random", "successor": "encoder"},
            "subsampled": matched | {"strategy": "gini", "subsampling": "half"},
            "bag": matched | {"strategy": "gini", "successor": "bag"},
        }
        | {name: matched | {"strategy": name} for name in strategies},
    }
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(config))
    command(tmp_path, "feasible-al run --at-once 2 own.yaml")
    results = tmp_path / "results/own"
    report = (results / "report.html").read_text()
    assert "Gini impurity (Breiman et al., 1984)" in report
    assert "Generalized Coverage for More Robust Low-Budget Active Learning" in report
    ranking = pd.read_csv(results / "tables/ranking.csv")
    assert {*strategies, "random", "subsampled"} <= set(ranking["series"])
    for name in strategies:
        folder = results / "acquisition/topics/encoder" / name / "none/seed1"
        queries, scores = pd.read_csv(folder / "queries.csv"), pd.read_parquet(folder / "scores.parquet")
        assert queries.groupby("iteration").size().tolist() == [20, 10, 10]
        assert queries["instance"].is_unique
        assert scores.groupby("iteration").size().tolist() == [180, 170]
        assert scores["score"].notna().all()
        selection = pd.read_csv(folder / "timings.csv").query("phase == 'selection'")
        assert selection["iteration"].tolist() == [1, 2]
    kept = pd.read_parquet(results / "acquisition/topics/encoder/gini/half/seed1/scores.parquet")
    assert 0 < kept.query("iteration == 2")["fresh"].sum() < 170
    # The queries of one run are a trajectory from elsewhere for another.
    theirs = "results/own/acquisition/{dataset}/encoder/spread/none/seed{seed}/queries.csv"
    config |= {
        "run": {"name": "again"},
        "plugins": ["bag_of_words.py"],
        "strategies": {},
        "imported_trajectories": {"theirs": {"path": theirs, "citation": "The other run"}},
        "comparison": None,
        "subsampling": {},
        "series": {"theirs": {"datasets": ["topics"], "strategy": "theirs", "successor": "bag"}},
    }
    (tmp_path / "again.yaml").write_text(yaml.safe_dump(config))
    command(tmp_path, "feasible-al run again.yaml")
    curves = pd.read_csv(tmp_path / "results/again/tables/curves.csv")
    assert curves["labelled_instances"].tolist() == [20, 30, 40]


def commands_of(page: str) -> list[str]:
    """The lines of its shell blocks."""
    return [line for block in page.split("```sh\n")[1:] for line in block.split("```")[0].splitlines()]


def test_the_commands_of_the_tutorial_work(tmp_path):
    """On less text and with a smaller model, so that it takes a minute and not twenty."""
    config = yaml.safe_load((ROOT / "configs/compare.yaml").read_text())
    dataset = config["datasets"]["bbc_news"]
    dataset["source"]["limit"] = {"test": 60}
    dataset["profile"]["counts"] = dict.fromkeys(dataset["profile"]["counts"], 20)
    dataset["budget"] |= {"iterations": 2}
    config["models"]["minilm"] = ENCODER | {"training": {"epochs": 1, "minimum_steps": 10}}
    config["seeds"] = [1]
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/compare.yaml").write_text(yaml.safe_dump(config))
    page = (ROOT / "docs/compare_your_strategy.md").read_text()
    (tmp_path / "mine.yaml").write_text(page.split("```yaml\n")[1].split("```")[0])
    lines = commands_of(page)
    assert len(lines) == 4
    for line in lines:
        output = command(tmp_path, line)
    assert output.splitlines()[-1] == "report: results/compare/report.html"
    assert "mine" in pd.read_csv(tmp_path / "results/compare/tables/ranking.csv")["series"].tolist()
    assert "Gini impurity (Breiman et al., 1984)" in (tmp_path / "results/compare/report.html").read_text()


def test_the_made_up_labeller_of_the_page_labels_the_pool(tmp_path):
    """With one seed and one query."""
    page = (ROOT / "docs/your_labeller.md").read_text()
    config = yaml.safe_load(page.split("```yaml\n")[1].split("```")[0])
    config["seeds"] = [1]
    config["datasets"]["topics"]["budget"]["iterations"] = 1
    config["datasets"]["topics"]["full"]["seeds"] = 1
    (tmp_path / "labeller.yaml").write_text(yaml.safe_dump(config))
    (tmp_path / "made_up.py").write_text(page.split("```python\n")[1].split("```")[0])
    lines = commands_of(page)
    assert len(lines) == 4
    for line in lines:
        output = command(tmp_path, line)
    assert output.splitlines()[-1] == "report: results/labeller/report.html"
    results = tmp_path / "results/labeller"
    said = "the file of llm labels 360 of 400 training instances (90%); compared with their gold labels, accuracy 0.850"
    assert said in (results / "report.html").read_text()
    # Its file is counted against what it says: the instances that it labels and people have not labelled by then.
    answers = pd.read_csv(tmp_path / "labels.csv").set_index("instance")
    queries = pd.read_csv(results / "acquisition/topics/cnn/margin/none/seed1/queries.csv")
    curves = pd.read_csv(results / "tables/curves.csv").set_index(["series", "point"])
    for point in (0, 1):
        rest = answers.drop(queries.loc[queries["iteration"] <= point, "instance"], errors="ignore")
        assert curves.loc[("taught", point), "pseudo_instances"] == len(rest)
        sure = int((rest["confidence"] > 0.7).sum())
        assert curves.loc[("sure", point), "pseudo_instances"] == sure < len(rest)
    # Hundreds of labels of which 85% are right teach more than forty gold labels.
    assert curves.loc[("taught", 1), "value"] > curves.loc[("margin", 1), "value"] + 0.1
    prices = pd.read_csv(results / "tables/break_even.csv").set_index("series")
    assert prices.loc[["taught", "sure", "margin"], "labeller_cost"].tolist() == [0.72, 0.72, 0]
    # It can be shipped and computed again from the same file.
    command(tmp_path, "feasible-al export results/labeller shipped")
    assert "computed again" in command(tmp_path, "feasible-al verify shipped")
    before = {path: path.stat().st_mtime_ns for path in results.glob("acquisition/**/manifest.json")}
    # A wrong line is told, and nothing that is finished is lost.
    labels = (tmp_path / "labels.csv").read_text()
    (tmp_path / "labels.csv").write_text(f"{labels}399999,class000,0.5\n")
    answer = subprocess.run(
        [sys.executable, "-m", "feasible_al.cli", "run", "labeller.yaml"],
        cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert answer.returncode == 2
    assert "labels.csv:362: instance 399999 is not in the training set" in answer.stderr
    assert before == {path: path.stat().st_mtime_ns for path in results.glob("acquisition/**/manifest.json")}
