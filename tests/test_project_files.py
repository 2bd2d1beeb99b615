"""What surrounds the code: continuous integration, issue templates and the container recipe."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from feasible_al import cli

ROOT = Path(__file__).parents[1]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))


def steps():
    for path in WORKFLOWS:
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            yield from job["steps"]


def test_workflows_pass_actionlint():
    program = shutil.which("actionlint")
    if program is None:
        pytest.skip("actionlint is not installed")
    answer = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 0, answer.stdout


def test_continuous_integration_runs_what_anybody_runs():
    commands = [step["run"] for step in steps() if "run" in step]
    assert ".ci/run" in commands
    assert (ROOT / ".ci/run").stat().st_mode & 0o100
    made = re.findall(r"make ([\w-]+)", "\n".join(commands))
    assert set(made) <= set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_actions_are_at_a_commit_and_may_only_read():
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)] == []
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}
        assert "secrets." not in path.read_text()


def test_files_that_decide_what_pip_installs_decide_about_its_cache():
    (hashed,) = re.findall(r"hashFiles\((.+)\)", "".join(path.read_text() for path in WORKFLOWS))
    locks = re.findall(r"'(.+?)'", hashed)
    assert set(locks) == {"requirements.lock", "docs/site/requirements.lock"}
    assert all((ROOT / lock).is_file() for lock in locks)


@pytest.mark.parametrize("name", ["bug", "strategy"])
def test_an_issue_form_asks_each_thing_once(name):
    form = yaml.safe_load((GITHUB / f"ISSUE_TEMPLATE/{name}.yml").read_text())
    assert {"name", "description", "body"} <= set(form)
    ids = [field["id"] for field in form["body"]]
    assert len(ids) == len(set(ids))
    assert all(field["attributes"]["label"] for field in form["body"])


def test_commands_that_templates_name_are_commands(capsys):
    texts = [path.read_text() for path in [*GITHUB.rglob("*.yml"), *GITHUB.rglob("*.md")]]
    named = set(re.findall(r"feasible-al ([a-z]+)", " ".join(texts)))
    assert {"check", "verify", "leaderboard"} <= named
    for name in named:
        with pytest.raises(SystemExit) as ended:
            cli.main([name, "--help"])
        assert ended.value.code == 0, capsys.readouterr().err


def test_the_container_installs_the_lock_as_an_ordinary_user():
    lines = (ROOT / "Containerfile").read_text().splitlines()
    users = [number for number, line in enumerate(lines) if line.startswith("USER ")]
    installs = [number for number, line in enumerate(lines) if "make install" in line]
    assert [lines[number] for number in users] == ["USER user"]
    assert users[0] < installs[0]
    copied = [word for line in lines[: installs[0]] if line.startswith("COPY") for word in line.split()[2:-1]]
    # What `make install` reads: its own rules, the lock, and what building the package needs.
    needed = {"Makefile", "requirements.lock", "pyproject.toml", "README.md", "LICENSE", "workflow"}
    assert set(copied) == needed
    (python,) = re.findall(r"python:(3\.\d+)", lines[[line.startswith("FROM") for line in lines].index(True)])
    assert tuple(map(int, python.split("."))) <= sys.version_info[:2]
