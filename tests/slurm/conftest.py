"""One Slurm, one undisturbed run and one disturbed run for all tests of this folder."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from tests.slurm.disturb import GREEDY, LATE, SEEDS, Outcome, disturb
from tests.slurm.one_node import OneNode, run, why_not

Driver = subprocess.Popen[bytes]
ROOT = Path(__file__).parents[2]
TARGET = "results/slurm/tables/curves.csv"
# Slurm without a database has no sacct, but Debian does, and the executor plugin turns to it in any case.
SACCT = """\
#!/bin/sh
for name; do :; done
[ "$1" = -X ] && exec squeue --noheader --states=all --format='%i|%T' --name="$name"
"""
OVERLAY = {
    "run": {"name": "slurm"},
    "seeds": [*SEEDS],
    "engine": {"device": "cpu", "precision": "float32"},
    "datasets": {"topics": {"training": {"minimum_steps": 60}}},
}
# A small node; everything else is the profile as it stands.
HERE = (
    "--max-threads=1", "--slurm-init-seconds-before-status-checks=2",
    "--set-resources", "prepare:mem_mb=1000",
    f"acquire:mem_mb=400 if attempt == 1 and wildcards.job.endswith('seed{GREEDY}') else 2000",
    f"acquire:runtime=1 if attempt == 1 and wildcards.job.endswith('seed{LATE}') else 120",
)  # fmt: skip


def command(target: str, configs: Sequence[Path], profile: str, *options: str) -> list[str]:
    """How Snakemake is called."""
    return [
        sys.executable, "-m", "snakemake", target, "--snakefile", str(ROOT / "Snakefile"),
        "--workflow-profile", str(ROOT / "profiles" / profile), "--configfile", *map(str, configs), *options,
    ]  # fmt: skip


def start(folder: Path, target: str, configs: Sequence[Path], profile: str, *options: str) -> Driver:
    """Snakemake in ``folder``, not waited for."""
    called = command(target, configs, profile, *options)
    with (folder / "output.txt").open("w") as output:
        return subprocess.Popen(called, cwd=folder, stdout=output, stderr=subprocess.STDOUT)


def finished(driver: Driver, folder: Path) -> Path:
    """The folder, when the run in it has ended well."""
    assert driver.wait() == 0, (folder / "output.txt").read_text()
    return folder


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    if reason := why_not():
        pytest.skip(reason)
    node, commands = OneNode(tmp_path_factory.mktemp("slurm")), tmp_path_factory.mktemp("commands")
    (commands / "sacct").write_text(SACCT)
    (commands / "sacct").chmod(0o755)
    try:
        node.start()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", str(commands), prepend=os.pathsep)
            yield
    finally:
        node.stop()


@pytest.fixture(scope="session")
def configs(tmp_path_factory):
    overlay = tmp_path_factory.mktemp("configs") / "overlay.yaml"
    overlay.write_text(yaml.safe_dump(OVERLAY))
    return ROOT / "configs" / "canary.yaml", overlay


@pytest.fixture(scope="session")
def undisturbed(slurm, configs, tmp_path_factory):  # a run that nobody compares with is not made
    """The folder of the same run without Slurm, on as many threads."""
    folder = tmp_path_factory.mktemp("undisturbed")
    driver = start(folder, TARGET, configs, "default", "--max-threads=1", "--resources", "device=2")
    return finished(driver, folder)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Of the disturbed run."""
    return tmp_path_factory.mktemp("disturbed")


@pytest.fixture(scope="session")
def disturbed(slurm, configs, folder) -> Outcome:
    """What happened to a run through the profile, to its end."""
    driver = start(folder, TARGET, configs, "slurm", *HERE)
    try:
        outcome = disturb(driver, folder)
    finally:
        driver.kill()
    finished(driver, folder)
    jobs = run("scontrol", "show", "jobs", "--oneliner").splitlines()
    outcome.states = tuple(map(summary, (job for job in jobs if "rule_acquire" in job)))
    return outcome


def summary(job: str) -> str:
    """``seed state restarts`` of a line of ``scontrol show jobs``."""
    return " ".join(
        re.search(pattern, job).group(1) for pattern in (r"seed(\d)", r"JobState=(\w+)", r"Restarts=(\d)")
    )
