"""``run.reuse``: what an earlier run has finished is taken over, and nothing else is."""

import json
import shutil
import subprocess
import sys

import pytest
import yaml
from feasible_al.cli import main
from feasible_al.core.errors import InputError
from feasible_al.jobs.resolve import load
from feasible_al.results.reuse import earlier_runs

from tests.workflow.conftest import COMPARED, TINY, contents, planned, start

pytestmark = pytest.mark.slow

# A student, trajectories, successors and full-data fits; datasets are always prepared.
JOBS = 1 + 5 + 6 + 2
MARGIN = {"margin": {"datasets": ["topics"], "acquisition": "cnn", "strategy": "margin", "successor": "cnn"}}
REPORTING = {"collect": 1, "figure": 2, "table": 5, "report": 1, "all": 1}


def second(folder, earlier, **blocks):
    """An overlay of the tiny config: another run that may take over what an earlier one has finished."""
    run = {"name": "second", "reuse": [str(earlier / "results/tiny")]}
    path = folder / "second.yaml"
    path.write_text(yaml.safe_dump({"run": run, **blocks}))
    return path


def expected(**jobs):
    jobs = {"prepare": 2, **jobs, **REPORTING}
    return jobs | {"total": sum(jobs.values())}


def test_one_more_strategy_runs_only_its_own_jobs(tiny_run, tmp_path):
    config = second(tmp_path, tiny_run, series=MARGIN)
    assert planned(tmp_path, TINY, config) == expected(reuse=JOBS, acquire=1)
    output, _ = (process := start(tmp_path, TINY, config)).communicate(timeout=600)
    assert process.returncode == 0, output
    results, earlier = tmp_path / "results/second", tiny_run / "results/tiny"
    taken = list(results.glob("*/**/manifest.json"))
    for path in taken:
        manifest, theirs = (
            json.loads((folder / path.relative_to(results)).read_text()) if folder else {}
            for folder in (results, earlier if "margin" not in path.parts else None)
        )
        if theirs:
            origin = {"run": str(earlier), "commit": theirs["commit"], "host": theirs["host"]}
            assert manifest["reused_from"] == origin
        else:
            assert "reused_from" not in manifest
    assert sum("margin" in path.parts for path in taken) == 1
    ours = {
        name.replace("/second/", "/tiny/"): content for name, content in second_contents(tmp_path).items()
    }
    for name, content in contents(tiny_run).items():
        assert ours[name] == content
    status = subprocess.run(
        [sys.executable, "-m", "feasible_al.cli", "status", str(results)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert f"{JOBS + 3} of {JOBS + 3} jobs done, {JOBS} of them reused from earlier runs" in " ".join(
        status.split()
    )
    trained = JOBS - 2  # random labelling trains nothing
    said = f"{trained} training jobs from <code>{earlier}</code>"
    assert said in (results / "report.html").read_text()
    # What is taken over stays, though the earlier run is not named any more.
    (tmp_path / "alone.yaml").write_text(yaml.safe_dump({"run": {"name": "second"}, "series": MARGIN}))
    assert planned(tmp_path, TINY, config) == {}
    assert "acquire" not in planned(tmp_path, TINY, tmp_path / "alone.yaml")


def second_contents(folder):
    paths = (path for name in COMPARED for path in (folder / "results/second").rglob(name))
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.mark.parametrize(
    ("changed", "jobs"),
    [
        # The CRF learns from what plasm_crf's labeller says, and in a control.
        ({"models": {"crf": {"training": {"learning_rate": 0.02}}}}, {"fit_successor": 2}),
        # A student, its trajectory, its labeller's fit on what it chose, and PLASM's successor.
        (
            {"models": {"student": {"weights": {"steps": 21}}}},
            {"distill": 1, "acquire": 1, "fit_successor": 2},
        ),
        # All of one dataset but its full-data fit; a student is fine-tuned on as many labels as there will be.
        (
            {"datasets": {"topics": {"budget": {"query": 41}}}},
            {"distill": 1, "acquire": 3, "fit_successor": 3},
        ),
        # A new seed has its own jobs; a student has no seed.
        ({"seeds": [1, 2]}, {"acquire": 5, "fit_successor": 6, "fit_full": 0}),
    ],
)
def test_what_depends_on_a_changed_setting_is_computed(tiny_run, tmp_path, changed, jobs):
    found = planned(tmp_path, TINY, second(tmp_path, tiny_run, **changed))
    own = {stage: found.get(stage, 0) for stage in ("distill", "acquire", "fit_successor", "fit_full")}
    assert own == dict.fromkeys(own, 0) | jobs
    reused = JOBS if "seeds" in changed else JOBS - sum(jobs.values())
    assert found["reuse"] == reused


def test_a_spoilt_or_foreign_file_is_not_taken_over(tiny_run, tmp_path, monkeypatch, capsys):
    shutil.copytree(tiny_run, tmp_path / "earlier", copy_function=shutil.copy2)
    job = "full/topics/encoder/seed1"
    path = tmp_path / "earlier/results/tiny" / job / "metrics.csv"
    path.write_text(path.read_text().replace("0.", "1.", 1))
    monkeypatch.chdir(tmp_path)
    output, _ = (process := start(tmp_path, TINY, second(tmp_path, tmp_path / "earlier"))).communicate(
        timeout=600
    )
    assert process.returncode == 2
    assert f"error: {job}: {path}: incomplete or changed since its job wrote it (SHA-256)" in output
    assert not (tmp_path / "results/second" / job / "metrics.csv").exists()
    (config,) = (tmp_path / "results/second").glob("config-*.json")
    stats = tmp_path / "results/second/data/topics/stats.json"
    stats.write_bytes((tmp_path / "results/second/data/spans/stats.json").read_bytes())
    capsys.readouterr()
    assert (
        main(["reuse", str(config), "acquisition/topics/none/random/none/seed1", "earlier/results/tiny"]) == 2
    )
    assert "earlier/results/tiny has other data under the name topics" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("nowhere", r"run.reuse\[0\]: 'nowhere' is not the folder of a run"),
        ("results/second", r"run.reuse\[0\]: 'results/second' is this run's own folder"),
    ],
)
def test_what_is_no_earlier_run_is_an_error(tmp_path, monkeypatch, folder, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results/second").mkdir(parents=True)
    (tmp_path / "results/second/config-0.json").touch()
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(yaml.safe_dump({"run": {"name": "second", "reuse": [folder]}}))
    with pytest.raises(InputError, match=message):
        earlier_runs(load([TINY, overlay]))
