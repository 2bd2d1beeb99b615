"""What jobs would ask a cluster for; needs no Slurm."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from feasible_al.estimate.times import runtime
from feasible_al.jobs import Full
from feasible_al.jobs.resolve import resolve
from feasible_al.stages.gpu_check import gpus_of
from snakemake_executor_plugin_slurm import Executor
from snakemake_executor_plugin_slurm.partitions import get_best_partition, read_partition_file
from snakemake_executor_plugin_slurm.submit_string import get_submit_command
from snakemake_executor_plugin_slurm.utils import set_gres_string
from snakemake_executor_plugin_slurm.validation import validate_slurm_extra
from snakemake_interface_common.exceptions import WorkflowError

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
    [
        ((), {"gpu": 1}),
        (("gres=gpu:1", "mem_mb=attempt * 16000"), {"gres": "gpu:1"}),
        (("gpu=1", "gpu_model=a100"), {"gpu": 1, "gpu_model": "a100"}),
    ],
)
def test_every_fit_asks_for_one_gpu_in_one_way_and_nothing_else_for_any(tmp_path, defaults, gpu):
    jobs = asked(tmp_path, 1, *defaults)
    assert {rule.split()[0] for rule in jobs} == FITS | {"prepare"}
    for rule, resources in jobs.items():
        wanted = {} if rule.startswith("prepare") else gpu
        assert {name: resources[name] for name in ("gpu", "gpu_model", "gres") if name in resources} == wanted


@pytest.mark.slow
def test_a_second_attempt_asks_for_more(tmp_path):
    first, second = asked(tmp_path, 1), asked(tmp_path, 2)
    assert first.keys() == second.keys() != set()
    for name in first:
        for resource in ("mem_mb", "runtime"):
            assert second[name][resource] == 2 * first[name][resource]


QUIET = SimpleNamespace(debug=print, info=print, warning=print)


class Asked(dict[str, Any]):
    """Resources as the executor plugin reads them."""

    __getattr__ = dict.get


def job(**resources: Any) -> SimpleNamespace:
    return SimpleNamespace(name="job", threads=resources.pop("threads"), resources=Asked(resources))


def test_each_job_finds_its_partition():
    partitions = read_partition_file(PROFILE / "partitions.yaml")
    short, long = (job(threads=8, gpu=1, mem_mb=16000, runtime=minutes) for minutes in (120, 1440))
    prepare = job(threads=1, mem_mb=4000, runtime=30)
    found = [get_best_partition(partitions, each, QUIET) for each in (prepare, short, long)]
    assert found == ["cpu", "gpu_short", "gpu_long"]


def test_a_job_of_any_length_finds_a_partition_once_its_time_is_capped():
    partitions = read_partition_file(PROFILE / "partitions.yaml")
    longest = int(max(partition.limits.max_runtime for partition in partitions))
    raw = yaml.safe_load((ROOT / "configs" / "tiny.yaml").read_text()) | {"engine": {"device_tflops": 1e-7}}
    found = []
    for limit in (None, longest):
        config = resolve(raw | {"run": {"name": "tiny", "max_runtime": limit}})
        minutes = runtime(config, [Full("topics", "encoder", 1)], Path("nowhere"), attempt=4)
        found.append(
            get_best_partition(partitions, job(threads=8, gpu=1, mem_mb=64000, runtime=minutes), QUIET)
        )
    assert found == [None, "gpu_long"]


def test_every_job_that_is_handed_over_is_submitted():
    jobs = [SimpleNamespace(is_group=lambda: False, rule=SimpleNamespace(name="prepare")) for _ in range(3)]
    profile = yaml.safe_load((PROFILE / "config.yaml").read_text())

    def submitted(arrays: set[str]) -> list[SimpleNamespace]:
        """Of two jobs, when a third of their rule is ready too."""
        found: list[SimpleNamespace] = []
        executor = SimpleNamespace(
            array_jobs=arrays,
            max_array_size=1000,
            workflow=SimpleNamespace(dag=SimpleNamespace(ready_jobs=jobs)),
            logger=QUIET,
            _main_event_loop=None,
            _submit_job=found.append,
            _submit_array_jobs=found.extend,
        )
        Executor.run_jobs(executor, jobs[:2])
        return found

    assert submitted({*filter(None, [profile.get("slurm-array-jobs")])}) == jobs[:2]
    assert submitted({"prepare"}) == []  # why the profile names no rule


def test_a_gpu_whose_models_name_has_a_hyphen_can_be_asked_for():
    model = "nvidia-a100-sxm4-80gb"
    asked = job(threads=8, slurm_extra=f"--gpus-per-node={model}:1")
    validate_slurm_extra(asked)
    params = dict.fromkeys(
        ("run_uuid", "slurm_logfile", "comment_str", "account", "partition", "workdir"), ""
    )
    command = get_submit_command(asked, params) + set_gres_string(asked)
    assert [word for word in command.split() if "gpu" in word] == [f"--gpus-per-node={model}:1"]
    assert gpus_of(asked.resources) == 1
    for refused in ({"gpu": 1, "gpu_model": model}, {"gres": f"gpu:{model}:1"}):  # why it is asked for so
        with pytest.raises(WorkflowError, match="Invalid"):
            set_gres_string(job(threads=8, **refused))
