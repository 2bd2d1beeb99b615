"""One rule a stage: what a profile says of a rule reaches all jobs of its stage."""

import re
import subprocess
import sys

import pytest
import yaml
from feasible_al.jobs import jobs_of
from feasible_al.jobs.resolve import load

from tests.workflow.conftest import ROOT

pytestmark = pytest.mark.slow

GPUS = {"prepare": 0, "distill": 2, "acquire": 3, "successor": 5, "full": 7}
RULES = {"distill": "distill", "acquire": "acquire", "successor": "fit_successor", "full": "fit_full"}


@pytest.mark.parametrize("block", [None, 1])
def test_resources_set_for_a_rule_reach_every_job_of_its_stage(tmp_path, block):
    overlay = {"run": {"name": "rules", "block": block}}
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
    steps = re.findall(r"feasible_al\.cli step \S+ (\S+)(?: --gpus (\d+))?", answer.stdout)
    jobs = jobs_of(load(configs))
    assert {job.predicted for job in jobs.acquire} == {(), (1,), (2,)}
    assert len({job.outputs for job in jobs.successor}) > 2
    assert sorted((name, int(gpus or 0)) for name, gpus in steps) == sorted(
        (job.name, GPUS[job.stage]) for job in jobs
    )
