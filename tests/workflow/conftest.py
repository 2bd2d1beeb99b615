"""A whole tiny run, made once, and how to plan on top of it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.workflow import little

ROOT = Path(__file__).parents[2]
TINY = ROOT / "configs" / "tiny.yaml"
COMPARED = ("queries.csv", "metrics.csv", "scores.parquet", "test_predictions.parquet")


def start(folder: Path, *configs: Path) -> subprocess.Popen:
    """`feasible-al run` in ``folder``, not waited for."""
    return subprocess.Popen(
        [sys.executable, "-m", "feasible_al.cli", "run", "--at-once", "2", *map(str, configs)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def planned(
    folder: Path, *configs: Path, python_path: Path | None = None, targets: Sequence[str] = ()
) -> dict[str, int]:
    """The jobs that a dry run plans, by rule."""
    environment = os.environ | ({"PYTHONPATH": str(python_path)} if python_path else {})
    answer = subprocess.run(
        [sys.executable, "-m", "snakemake", *targets, "--snakefile", str(ROOT / "Snakefile"), "-n", "--quiet", "rules",
         "--workflow-profile", str(ROOT / "profiles" / "default"), "--configfile", *map(str, configs)],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    output = answer.stdout + answer.stderr
    assert answer.returncode == 0, output
    table = re.findall(r"^(\w+) +(\d+)$", output, re.MULTILINE)  # which is printed twice
    counts = {rule: int(count) for rule, count in table}
    assert counts or "Nothing to be done" in output, output
    return counts


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a run that must be the same to the byte."""
    paths = (path for name in COMPARED for path in (folder / "results/tiny").rglob(name))
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if "state" not in path.parts}


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory):
    """A folder with a finished tiny run; tests must not write to it."""
    folder = tmp_path_factory.mktemp("tiny")
    process = start(folder, TINY)
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output
    (folder / "output.txt").write_text(output)
    return folder


@pytest.fixture(scope="session")
def little_run(tmp_path_factory):
    """A folder with a finished little run; tests must not write to it."""
    folder = tmp_path_factory.mktemp("little")
    output, _ = (process := little.start(folder)).communicate(timeout=900)
    assert process.returncode == 0, output
    return folder


@pytest.fixture
def copy_of_tiny_run(tiny_run, tmp_path):
    """A copy that a test may change; times of files are kept, since the workflow looks at them."""
    shutil.copytree(tiny_run, tmp_path / "run", copy_function=shutil.copy2)
    return tmp_path / "run"
