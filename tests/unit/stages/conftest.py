"""A run small enough to make in a test: generated text, a convolutional network, three iterations."""

from pathlib import Path

import pytest
import yaml
from feasible_al.cli import main
from feasible_al.jobs.resolve import load, save

from tests.small_config import CNN, LC, generated, small_config

CONFIG = small_config(
    "small",
    datasets={"topics": generated(train=60, classes=2, seed=8, query=6, iterations=3)},
    models={"cnn": {**CNN, "training": {"epochs": 2}}},
    series={
        "lc": {**LC},
        "random": {"datasets": ["topics"], "strategy": "random", "successor": "cnn"},
    },
)
ACQUIRE = "acquisition/topics/cnn/least_confidence/none/seed1"
RANDOM = "acquisition/topics/none/random/none/seed1"
SUCCESSOR = "successor/topics/none/random/none/seed1/gold/cnn"
COMPARED = ("queries.csv", "metrics.csv", "scores.parquet", "test_predictions.parquet")


class Small:
    """A run in a folder of its own; commands are called in this process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG))
        self.config = load([folder / "config.yaml"])
        self.folder = folder / "results" / "small"
        self.saved = save(self.config, self.folder)
        assert self.run("data/topics") == 0

    def run(self, job: str) -> int:
        """The exit code of one job."""
        return main(["step", str(self.saved), job])

    def contents(self, job: str) -> dict[str, bytes]:
        """The files of a job that must be the same to the byte."""
        paths = (path for name in COMPARED for path in (self.folder / job).rglob(name))
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in paths}


@pytest.fixture
def small(tmp_path):
    """A function that makes a small run with prepared data."""
    return lambda name: Small(tmp_path / name)
