"""Successors whose points are computed in several jobs: the same files."""

import shutil

import pytest
import yaml

from tests.workflow import little
from tests.workflow.conftest import planned
from tests.workflow.little import RESULTS, contents, files

pytestmark = pytest.mark.slow


def test_more_jobs_change_neither_files_nor_results(little_run, tmp_path, monkeypatch):
    monkeypatch.setitem(little.CONFIG, "run", {"name": "little", "points_per_job": 1})
    config = little.write_config(tmp_path)
    # Three points of random labelling; PLASM and its labeller have one each.
    assert planned(tmp_path, config)["fit_successor"] == 3 + 2
    output, _ = (process := little.start(tmp_path)).communicate(timeout=600)
    assert process.returncode == 0, output
    different = files(tmp_path).keys() ^ files(little_run).keys()
    assert len(different) == 2
    assert all(name.startswith("config-") for name in different)  # the resolved configs
    assert contents(tmp_path) == contents(little_run)
    logs = {path.name for path in (tmp_path / RESULTS / "logs" / little.SUCCESSOR).iterdir()}
    assert logs == {f"point{point}.log" for point in range(3)}
    assert planned(tmp_path, config) == {}


def test_another_number_of_points_computes_nothing_again(little_run, tmp_path):
    shutil.copytree(little_run, tmp_path / "run", copy_function=shutil.copy2)
    config = tmp_path / "points.yaml"
    config.write_text(yaml.safe_dump(little.CONFIG | {"run": {"name": "little", "points_per_job": 2}}))
    assert set(planned(tmp_path / "run", config)) == {"figure", "table", "report", "all", "total"}
