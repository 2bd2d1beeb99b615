"""One rule a stage, which declares the files beside each job's record: who gets its resources, and who runs again."""

import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from feasible_al.jobs import jobs_of
from feasible_al.jobs.resolve import load

from tests.workflow import little
from tests.workflow.conftest import ROOT, planned

pytestmark = pytest.mark.slow

GPUS = {"prepare": 0, "distill": 2, "acquire": 3, "successor": 5, "full": 7}
RULES = {"distill": "distill", "acquire": "acquire", "successor": "fit_successor", "full": "fit_full"}


@pytest.mark.parametrize("points", [None, 1])
def test_resources_set_for_a_rule_reach_every_job_of_its_stage(tmp_path, points):
    overlay = {"run": {"name": "rules", "points_per_job": points}}
    # As in tiny.yaml, an acquisition model that also labels the pool, at another point.
    overlay["series"] = {
        "own": {
            "datasets": ["topics"],
            "acquisition": "cnn",
            "strategy": "margin",
            "labeller": "cnn",
            "successor": "encoder",
            "points": [1],
        }
    }
    (tmp_path / "overlay.yaml").write_text(yaml.safe_dump(overlay))
    configs = [ROOT / "configs" / "tiny.yaml", tmp_path / "overlay.yaml"]
    profile = {"cores": 1, "set-resources": {rule: {"gpu": GPUS[stage]} for stage, rule in RULES.items()}}
    (tmp_path / "profile").mkdir()
    (tmp_path / "profile/config.yaml").write_text(yaml.safe_dump(profile))
    answer = subprocess.run(
        [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--dry-run", "--printshellcmds",
         "--workflow-profile", "profile", "--configfile", *map(str, configs)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    steps = re.findall(r"feasible_al\.forking step \S+ (\S+)(?: --gpus (\d+))?", answer.stdout)
    jobs = jobs_of(load(configs))
    assert {job.predicted for job in jobs.acquire} == {(), (1,), (2,)}
    assert len({job.outputs for job in jobs.successor}) > 2
    assert sorted((name, int(gpus or 0)) for name, gpus in steps) == sorted(
        (job.name, GPUS[job.stage]) for job in jobs
    )


def copied(little_run, folder):
    shutil.copytree(little_run, folder / "run", copy_function=shutil.copy2)
    return folder / "run"


def written(folder, **blocks):
    path = folder / "changed.yaml"
    path.write_text(yaml.safe_dump(little.CONFIG | blocks))
    return path


def jobs_planned(folder, config):
    """Those of the stages alone, by rule."""
    found = planned(folder, config)
    return {rule: found[rule] for rule in ("prepare", *RULES.values()) if rule in found}


@pytest.mark.parametrize(
    ("file", "jobs"),
    [
        # Beside the record, of another point, and predictions, which the successor of PLASM learnt from.
        (f"{little.SUCCESSOR}/point2/timings.csv", {"fit_successor": 1}),
        (f"{little.SUCCESSOR}/point0/metrics.csv", {"fit_successor": 1}),
        (f"{little.SUCCESSOR}/point0/manifest.json", {"fit_successor": 1}),
        (f"{little.GOLD}/point2/predictions.parquet", {"fit_successor": 2}),
        (f"{little.RANDOM}/queries.csv", {"acquire": 1, "fit_successor": 1}),
        (f"{little.RANDOM}/manifest.json", {"acquire": 1, "fit_successor": 1}),
    ],
)
def test_a_missing_file_runs_its_job_again_whatever_its_rule_declares(little_run, tmp_path, file, jobs):
    folder = copied(little_run, tmp_path)
    (folder / little.RESULTS / file).unlink()
    before = little.contents(folder)
    assert jobs_planned(folder, written(tmp_path)) == jobs
    assert little.contents(folder) == before


def test_predictions_asked_for_later_run_a_finished_job_again(little_run, tmp_path):
    series = little.CONFIG["series"]
    more = written(tmp_path, series=series | {"own": series["plasm"] | {"labeller": "student"}})
    # What the acquisition chose is written anew, so all that learnt from it runs again too.
    assert jobs_planned(copied(little_run, tmp_path), more) == {"acquire": 1, "fit_successor": 2 + 1}


def test_predictions_that_nobody_asks_for_any_more_run_nothing_again(little_run, tmp_path):
    # The labeller's fit on gold labels stays as the control of nothing but itself.
    plasm = little.CONFIG["series"]["plasm"]
    gold = {key: plasm[key] for key in plasm if key != "labeller"} | {"successor": "teacher"}
    fewer = written(tmp_path, series={"gold": gold, "random": little.CONFIG["series"]["random"]})
    assert jobs_planned(copied(little_run, tmp_path), fewer) == {}


@pytest.mark.parametrize("points", [None, 1, 2])
def test_a_missing_point_runs_its_own_range_again(little_run, tmp_path, points):
    folder = copied(little_run, tmp_path)
    shutil.rmtree(folder / little.RESULTS / little.SUCCESSOR / "point1")
    config = written(tmp_path, run={"name": "little", "points_per_job": points})
    assert jobs_planned(folder, config) == {"fit_successor": 1}


def test_a_point_of_another_range_runs_again_when_its_model_changes(little_run, tmp_path):
    # Snakemake knows nothing of how point 1 was made, the last of a range that was never run.
    cnn = little.CONFIG["models"]["cnn"] | {"filters": 5}
    models = little.CONFIG["models"] | {"cnn": cnn}
    config = written(tmp_path, run={"name": "little", "points_per_job": 2}, models=models)
    assert jobs_planned(copied(little_run, tmp_path), config) == {"fit_successor": 2 + 1}


def test_a_rerun_that_fails_leaves_nothing_that_is_taken_for_whole(little_run, tmp_path):
    folder = copied(little_run, tmp_path)
    results = folder / little.RESULTS
    cnn = little.CONFIG["models"]["cnn"] | {"training": {"learning_rate": 1e38}}
    config = written(tmp_path, models=little.CONFIG["models"] | {"cnn": cnn})
    command = [sys.executable, "-m", "feasible_al.cli", "run", str(config)]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert answer.returncode == 1, answer.stderr
    assert f"error: {little.SUCCESSOR}: " in answer.stderr
    assert f"its log is {little.RESULTS}/logs/{little.SUCCESSOR}/point2.log" in answer.stderr
    assert "loss nan at step" in answer.stderr
    assert not (results / little.SUCCESSOR / "point2/manifest.json").exists()
    page = (results / "report.html").read_text()
    assert "cnn on topics: missing: " in page or "cnn: missing: " in page
    curves = pd.read_csv(results / "tables/curves.csv")
    assert curves.empty
    # With the old settings again, the points that were not deleted are as good as they were.
    assert jobs_planned(folder, written(tmp_path)) == {"fit_successor": 2}
