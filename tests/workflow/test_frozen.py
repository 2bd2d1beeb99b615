"""Runs with frozen encoders: every role, strategies and rules, sharing, resuming, and what can go wrong."""

import json
import shutil
from collections import namedtuple
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from feasible_al.cli import main
from feasible_al.core.errors import OutOfTime
from feasible_al.jobs import jobs_of
from feasible_al.jobs.resolve import load, save
from feasible_al.stages import encode as stage

from tests.contract.test_models import checkpoint
from tests.small_config import generated, small_config

RUN = Path("results/frozen")
FAST = {"epochs": 1, "minimum_steps": 5}
ON = {"datasets": ["topics"], "successor": "head"}


def raw(folder: Path) -> dict:
    """A config in which encoders are frozen, as a whole or in part, in every role."""
    weights = {"kind": "folder", "path": str(folder)}
    frozen = {"kind": "encoder", "weights": weights, "frozen_layers": "all", "training": FAST}
    student = {"kind": "distilled", "teacher": "head", "layers": [1], "steps": 3, "batch_size": 4}
    datasets = {
        "topics": generated(train=60, seed=10, query=5),
        "spans": generated(train=60, seed=60, query=60) | {"task": "tagging"},
    }
    both = {"datasets": ["topics", "spans"]}
    return small_config(
        "frozen",
        datasets=datasets,
        models={
            "head": frozen | {"classifier_dropout": 0.1},
            "wide": frozen | {"head": {"hidden": 24}},
            "top": {"kind": "encoder", "weights": weights, "frozen_layers": 1, "training": FAST},
            "student": {"kind": "encoder", "weights": student, "frozen_layers": "all", "training": FAST},
            "whole": {"kind": "encoder", "weights": weights, "head": {}, "training": FAST},
        },
        subsampling={"seals": {"kind": "seals", "neighbours": 3}},
        series={
            "badge": {**ON, "acquisition": "head", "strategy": "badge"},
            "bald": {**ON, "acquisition": "head", "strategy": "bald"},
            "coreset": {**ON, "acquisition": "top", "strategy": "coreset", "successor": "top"},
            "seals": {**ON, "acquisition": "top", "strategy": "margin", "subsampling": "seals"},
            "student": {**both, "acquisition": "student", "strategy": "entropy", "successor": "wide"},
            "plasm": {**ON, "acquisition": "head", "strategy": "entropy", "labeller": "top", "successor": "whole"},
            "random": {**both, "strategy": "random", "successor": "top"},
        },
    )  # fmt: skip


def start(raw: dict) -> Path:
    """The resolved config of a run, in the working directory."""
    Path("config.yaml").write_text(yaml.safe_dump(raw))
    return save(load([Path("config.yaml")]), RUN)


def step(path: Path, job: str) -> int:
    return main(["step", str(path), job])


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The run, its jobs done in order."""
    folder = tmp_path_factory.mktemp("frozen")
    checkpoint(folder / "checkpoint", "bert")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("feasible_al.jobs.prepared.PART", 25)  # so that a job has several steps
        path = start(raw(folder / "checkpoint"))
        for job in jobs_of(load([Path("config.yaml")])):
            assert step(path, job.name) == 0, job.name
        assert main(["collect", str(path)]) == 0
    return folder


@pytest.fixture
def copy(finished, tmp_path, monkeypatch):
    """A copy of the finished run, in the working directory."""
    shutil.copytree(finished / "results", tmp_path / "results")
    shutil.copy(finished / "config.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("feasible_al.jobs.prepared.PART", 25)
    return save(load([Path("config.yaml")]), RUN)


def test_models_with_the_same_frozen_layers_share_their_states(finished):
    made = {str(path.parent.relative_to(finished / RUN)) for path in finished.rglob("states.npy")}
    assert {path for path in made if path.startswith("features")} == {
        *("features/topics/head", "features/topics/student", "features/topics/top"),
        *("features/spans/head", "features/spans/student", "features/spans/top"),
    }


def test_one_state_per_text_or_word_or_token(finished):
    data = pd.concat(
        pd.read_parquet(finished / RUN / f"data/spans/{split}.parquet") for split in ("train", "test")
    )
    states = np.load(finished / RUN / "features/spans/head/states.npy")
    assert states.dtype == np.float16
    assert states.shape == (data["words"].map(len).sum(), 16)
    texts = np.load(finished / RUN / "features/topics/head/states.npy")
    assert len(texts) == 80
    tokens = np.load(finished / RUN / "features/topics/top/states.npy")
    assert len(tokens) > 5 * 80


def test_the_time_of_frozen_layers_is_counted_once(finished):
    timings = pd.read_csv(finished / RUN / "tables/timings.csv")
    encoded = timings[timings["stage"] == "encode"]
    assert set(encoded.groupby(["dataset", "successor"]).size().index) == {
        (dataset, model) for dataset in ("topics", "spans") for model in ("head", "student", "top")
    }
    inference = encoded[encoded["phase"] == "inference"]
    # Training and test sets of 60 and 20, in steps of 25.
    assert inference.groupby(["dataset", "successor"])["instances"].apply(list).iloc[0] == [25, 25, 10, 20]


def test_a_job_that_was_cut_off_continues_and_writes_the_same(copy, finished, monkeypatch):
    job = "features/topics/top"
    expected = (RUN / job / "states.npy").read_bytes()
    shutil.rmtree(RUN / job)
    for state in (RUN / "state").iterdir():
        shutil.rmtree(state)

    def cut_off(steps):
        yield from list(steps)[:2]
        raise OutOfTime("stopped")

    monkeypatch.setattr(stage, "in_time", cut_off)
    assert step(copy, job) == 75
    assert not (RUN / job / "manifest.json").exists()
    left = []
    monkeypatch.setattr(stage, "in_time", lambda steps: left.extend(steps) or left)
    assert step(copy, job) == 0
    assert left == [2, 3]
    assert (RUN / job / "states.npy").read_bytes() == expected
    assert json.loads((RUN / job / "manifest.json").read_text())["resumed_iterations"] == [2]


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2])


@pytest.mark.parametrize("spoil", [flipped, truncated, Path.unlink])
def test_spoilt_states_name_their_job(copy, capsys, spoil):
    spoil(RUN / "features/topics/head/states.npy")
    job = "acquisition/topics/head/badge/none/seed1"
    before = (RUN / job / "manifest.json").read_bytes()
    assert step(copy, job) == 2
    error = capsys.readouterr().err
    assert "features/topics/head/states.npy" in error
    assert "run the job features/topics/head again" in error
    assert (RUN / job / "manifest.json").read_bytes() == before


def test_states_of_another_checkpoint(copy, finished, tmp_path, capsys):
    other = checkpoint(tmp_path / "other", "electra")
    assert step(start(raw(other)), "acquisition/topics/head/badge/none/seed1") == 2
    assert "features/topics/head/manifest.json: from a job with the hash" in capsys.readouterr().err


def test_too_little_disk_is_found_before_anything_is_computed(copy, monkeypatch, capsys):
    shutil.rmtree(RUN / "features/topics/head")
    shutil.rmtree(RUN / "state")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(stage.shutil, "disk_usage", lambda _: usage(0, 0, 2 * 80 * 16 * 2 - 1))
    assert step(copy, "features/topics/head") == 2
    error = capsys.readouterr().err
    assert error.startswith("error: models.head.features: the states of the frozen layers need 5.1 kB")
    assert not (RUN / "features/topics/head").exists()
    monkeypatch.setattr(stage.shutil, "disk_usage", lambda _: usage(0, 0, 2 * 80 * 16 * 2))
    assert step(copy, "features/topics/head") == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frozen_layers": 3}, "models.head.frozen_layers: 3 layers cannot be frozen: the encoder has 2"),
        ({"frozen_layers": 0}, "models.head.frozen_layers"),
        ({"frozen_layers": "most"}, "models.head.frozen_layers"),
        ({"features": "int8"}, "models.head.features"),
        ({"frozen_layers": None, "features": "float32"}, "set frozen_layers, or leave them out"),
        ({"weights": {"kind": "scratch"}}, "frozen_layers needs pretrained weights"),
        ({"weights": {"kind": "scratch"}, "frozen_layers": None, "head": {}}, "head needs pretrained weights"),
        ({"head": {"hidden": 0}}, "models.head.head.hidden"),
        ({"head": {"pooling": "max"}}, "models.head.head.pooling"),
        ({"engine_mode": "paper"}, "models.head.frozen_layers: the paper's times are those of whole encoders"),
    ],
)  # fmt: skip
def test_bad_blocks_are_found_before_any_job(changes, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    config = raw(checkpoint(tmp_path / "checkpoint", "bert"))
    config["models"]["head"] |= changes
    config["models"] = {"head": config["models"]["head"]}
    config["series"] = {"random": {"datasets": ["topics"], "strategy": "random", "successor": "head"}}
    del config["subsampling"]
    Path("config.yaml").write_text(yaml.safe_dump(config))
    for command in ("validate", "run"):
        assert main([command, "config.yaml"]) == 2
        assert message in capsys.readouterr().err
    assert not Path("results").exists()
