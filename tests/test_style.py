"""Lint, types and formatting are part of the suite."""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]


def run(*command: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_ruff_finds_nothing():
    run("ruff", "check", ".")


def test_ruff_would_format_nothing():
    run("ruff", "format", "--check", ".")


def imports_of(checkout: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says of a checkout's own package, wherever another one is installed."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports; exit(lint_imports(no_cache=True))",
        ],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout / "workflow")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_imports_point_downwards():
    answer = imports_of(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("file", "planted"),
    [
        (
            "config/blocks.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import feasible_al.jobs.reads\n",
        ),
        ("core/io.py", "def late():\n    import feasible_al.data.types\n"),
        ("data/types.py", "import feasible_al.engine.tokens\n"),
        ("jobs/fits.py", "def late():\n    import feasible_al.jobs.expansion\n"),
        ("other/__init__.py", ""),
    ],
    ids=[
        "for types alone",
        "inside a function",
        "of a neighbour",
        "in a circle",
        "of a package without a place",
    ],
)
def test_an_import_that_does_not_is_found(tmp_path, file, planted):
    package = tmp_path / "workflow" / "feasible_al"
    shutil.copytree(ROOT / "workflow" / "feasible_al", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (package / file).parent.mkdir(exist_ok=True)
    with (package / file).open("a") as written:
        written.write(planted)
    answer = imports_of(tmp_path)
    assert (answer.returncode, "BROKEN" in answer.stdout) == (1, True), answer.stdout + answer.stderr


def test_types_hold():
    run("mypy", "-p", "feasible_al")


def test_rules_are_formatted():
    run("snakefmt", "--check", "Snakefile", "rules")


def test_snakemake_lint_finds_nothing():
    run("snakemake", "--lint", "--configfile", "configs/tiny.yaml")


def locked() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(line.split()[0].split("==") for line in lines if line and not line.startswith("#"))


def test_the_lock_is_what_is_installed():
    assert {name: version(name).split("+")[0] for name in locked()} == locked()


def test_the_lock_has_every_dependency_of_the_package():
    names = {name.lower().replace("_", "-") for name in locked()}
    for requirement in requires("feasible-al"):
        assert re.match(r"[\w-]+", requirement).group().lower() in names


def test_the_conda_environment_has_the_locks_versions():
    environment = yaml.safe_load((ROOT / "envs/feasible-al.yaml").read_text())
    pins = dict(line.split("==") for line in environment["dependencies"][-1]["pip"])
    versions = {name.lower().replace("_", "-"): pinned for name, pinned in locked().items()}
    assert pins == {name: versions[name] for name in pins}
    needed = {re.match(r"[\w-]+", line).group() for line in requires("feasible-al") if "extra" not in line}
    assert needed == set(pins)
