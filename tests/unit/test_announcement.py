"""A run is announced once no dataset is waited for any more, while the workflow already runs."""

from types import SimpleNamespace

import pytest
from feasible_al.cli import main
from feasible_al.commands import announcement
from feasible_al.estimate.rates import Speed
from feasible_al.jobs.resolve import load, save
from feasible_al.jobs.targets import jobs_for_targets

from tests.workflow.conftest import TINY

FAILED = (
    "Command 'python -m feasible_al.cli step c.json data/spans > {log} 2>&1' returned non-zero exit status 2."
)


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """The tiny run before its start: a function that announces it, one that prepares a dataset, and its log."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("feasible_al.estimate.speed.speed_of", lambda *_: (Speed.assumed(1e9), "float32"))
    config = load([TINY])
    folder = tmp_path / "results/tiny"
    saved, log = str(save(config, folder)), tmp_path / "snakemake.log"
    log.touch()
    jobs = jobs_for_targets(config, [])
    return SimpleNamespace(
        announce=lambda: announcement.Announcement(config, folder, jobs, log, 1, 1),
        prepare=lambda name: main(["step", saved, f"data/{name}"]),
        log=log,
        folder=folder,
    )


def test_it_waits_for_all_datasets(tiny, capsys):
    waiting = tiny.announce()
    waiting.update()
    tiny.prepare("topics")
    waiting.update()
    assert capsys.readouterr().out == ""
    tiny.prepare("spans")
    waiting.update()
    waiting.update()
    spans, topics, run = capsys.readouterr().out.splitlines()
    assert spans.startswith("spans: train 300 instances, ")
    assert topics.startswith("topics: train 400 instances, ")
    assert run.startswith("tiny: 22 fits, about ")
    assert run.endswith(" on this machine (1 GFLOP/s in float32).")


def test_it_does_not_wait_for_a_dataset_that_failed(tiny, capsys):
    waiting = tiny.announce()
    tiny.prepare("topics")
    tiny.log.write_text(FAILED.format(log=tiny.folder / "logs/data/topics.log.old"))
    waiting.update()
    assert capsys.readouterr().out == ""
    tiny.log.write_text(FAILED.format(log=tiny.folder / "logs/data/spans.log"))
    waiting.update()
    topics, run = capsys.readouterr().out.splitlines()
    assert topics.startswith("topics: ")
    # Two trajectories of three fits, a random one's three successors, a student, PLASM's two fits, a full fit.
    assert run.startswith("tiny: 13 fits, ")


def test_a_run_that_ends_early_says_what_it_prepared(tiny, capsys):
    waiting = tiny.announce()
    tiny.prepare("topics")
    waiting.update()
    waiting.close()
    (topics,) = capsys.readouterr().out.splitlines()
    assert topics.startswith("topics: ")
