"""A run of two thousand jobs, made up: planned, finished, asked for its status."""

import os
import subprocess
import sys

import pytest
import yaml

from tests.fake_run import FakeRun, raw_config
from tests.workflow.conftest import planned

pytestmark = pytest.mark.slow

SEEDS = 286


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A folder with a config of many seeds, and what its jobs would leave."""
    folder = tmp_path_factory.mktemp("many")
    raw = raw_config() | {"seeds": list(range(1, SEEDS + 1))}
    (folder / "many.yaml").write_text(yaml.safe_dump(raw))
    return folder, raw


def test_two_thousand_jobs_are_planned_done_and_counted(many):
    folder, raw = many
    config = folder / "many.yaml"
    # A seed has 2 trajectories on topics and 2 on spans, a mismatched successor and one of each random one.
    jobs = {"prepare": 2, "acquire": 4 * SEEDS, "fit_successor": 3 * SEEDS, "fit_full": 2}
    reporting = {"collect": 1, "figure": 2, "table": 4, "report": 1, "all": 1}
    assert sum(jobs.values()) > 2000
    assert planned(folder, config) == jobs | reporting | {"total": sum(jobs.values()) + 9}
    FakeRun(folder / "results/fake", raw).finish()
    for path in (folder / "results").rglob("*"):  # they were not made in a run's order
        os.utime(path, (0, 0))
    assert planned(folder, config) == {}
    answer = subprocess.run(
        [sys.executable, "-m", "feasible_al.cli", "status", "results/fake"],
        cwd=folder, env=os.environ | {"COLUMNS": "200"}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert f"{sum(jobs.values())} of {sum(jobs.values())} jobs done" in answer.stdout
    (folder / "results/fake/full/topics/small/seed1/metrics.csv").unlink()
    # Drawn in one of the figures, and in no table.
    assert planned(folder, config) == {
        "fit_full": 1,
        "collect": 1,
        "figure": 1,
        "report": 1,
        "all": 1,
        "total": 5,
    }
