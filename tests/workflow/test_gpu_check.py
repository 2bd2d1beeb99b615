"""``make gpu-check`` on a processor: it works, and says what only a GPU could show."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu_check.py"

pytestmark = pytest.mark.slow


def check(folder: Path, *options: str) -> subprocess.CompletedProcess:
    # A GPU that the machine may have is out of sight.
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(
        [sys.executable, str(SCRIPT), *options],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def test_every_path_repeats_and_what_was_not_measured_is_said(tmp_path):
    answer = check(tmp_path, "--device", "cpu")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    found = json.loads((tmp_path / "gpu-check.json").read_text())
    assert found["device"] == found["described"]["device"] == "cpu"
    assert found["scale"] == "small"
    assert found["faults"] == []
    assert len(found["paths"]) == 9
    assert all(path["repeats"] and path["finite"] for path in found["paths"].values())
    assert {path["difference from the CPU"] for path in found["paths"].values()} == {None}
    assert all(distance < 1e-4 for distance in found["difference of modes"].values())
    assert found["little memory"] is None
    assert "a GPU: everything here is of a processor" in found["not measured"]
    for task in ("classification", "tagging"):
        engine = found["engine"][task]
        assert engine.pop("waits for the device a step") is None
        assert all(value > 0 for value in engine.values())
        assert engine["share of matmul rate, training"] < 1
    assert set(found["steps/s of several processes"]) == {"1", "2", "4"}
    assert "not measured" in answer.stdout


def test_without_a_gpu_it_says_so(tmp_path):
    answer = check(tmp_path)
    assert answer.returncode == 2
    assert answer.stderr == "there is no CUDA device here\n"
    assert not [*tmp_path.iterdir()]
