"""What jobs would ask a cluster for; needs no Slurm."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from snakemake_executor_plugin_slurm.partitions import get_best_partition, read_partition_file

ROOT = Path(__file__).parents[2]
PROFILE = ROOT / "profiles" / "slurm"
FITS = {"acquire", "distill", "fit_full", "fit_successor"}


PLANNED = """
import json, sys
from pathlib import Path
from snakemake.api import SnakemakeApi
from snakemake.resources import Resources
from snakemake.settings.types import ConfigSettings, ExecutionSettings, OutputSettings, ResourceSettings

snakefile, config, attempt, *defaults = sys.argv[1:]
defaults = Resources.parse(defaults, allow_expressions=True, defaults="full")
with SnakemakeApi(OutputSettings(dryrun=True)) as api:
    workflow = api.workflow(
        ResourceSettings(cores=1, default_resources=defaults),
        config_settings=ConfigSettings(configfiles=[Path(config)]),
        snakefile=Path(snakefile),
    )
    settings = ExecutionSettings(attempt=int(attempt))
    workflow.dag().execute_workflow(executor="dryrun", execution_settings=settings)
    jobs = [job for job in workflow._workflow.dag.jobs if "runtime" in job.resources.keys()]
    print(json.dumps({f"{job.rule.name} {job}": dict(job.resources.items()) for job in jobs}, default=str))
"""


def asked(folder: Path, attempt: int, *defaults: str) -> dict[str, dict[str, Any]]:
    """The resources of the jobs that go to Slurm, by rule and job."""
    known = yaml.safe_load((PROFILE / "config.yaml").read_text())["default-resources"]
    given = defaults or [f"{name}={value}" for name, value in known.items()]
    config = ROOT / "configs" / "tiny.yaml"
    answer = subprocess.run(
        [sys.executable, "-c", PLANNED, str(ROOT / "Snakefile"), str(config), str(attempt), *given],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("defaults", "gpu"),
    [((), {"gpu": 1}), (("gres=gpu:1", "mem_mb=attempt * 16000"), {"gres": "gpu:1"})],
)
def test_every_fit_asks_for_one_gpu_in_one_way_and_nothing_else_for_any(tmp_path, defaults, gpu):
    jobs = asked(tmp_path, 1, *defaults)
    assert {rule.split()[0].rstrip("_1234567890") for rule in jobs} == FITS | {"prepare"}
    for rule, resources in jobs.items():
        wanted = {} if rule.startswith("prepare") else gpu
        assert {name: resources[name] for name in ("gpu", "gres") if name in resources} == wanted


@pytest.mark.slow
def test_a_second_attempt_asks_for_more(tmp_path):
    first, second = asked(tmp_path, 1), asked(tmp_path, 2)
    assert first.keys() == second.keys() != set()
    for name in first:
        for resource in ("mem_mb", "runtime"):
            assert second[name][resource] == 2 * first[name][resource]


def job(**resources: int) -> SimpleNamespace:
    return SimpleNamespace(name="job", threads=resources.pop("threads"), resources=resources)


def test_each_job_finds_its_partition():
    partitions = read_partition_file(PROFILE / "partitions.yaml")
    quiet = SimpleNamespace(debug=print, info=print, warning=print)
    short, long = (job(threads=8, gpu=1, mem_mb=16000, runtime=minutes) for minutes in (120, 1440))
    prepare = job(threads=1, mem_mb=4000, runtime=30)
    found = [get_best_partition(partitions, each, quiet) for each in (prepare, short, long)]
    assert found == ["cpu", "gpu_short", "gpu_long"]
