"""Steps that a disk changed, writers that were killed, records of points."""

import json
import os
import subprocess
import sys

import pytest
from feasible_al.core.io import write_text
from feasible_al.results import state as states

from tests.unit.stages.conftest import ACQUIRE, SUCCESSOR


class Cut(Exception):
    """The job is cut off."""


def cut_off_after(small, monkeypatch, steps):
    """Run a trajectory that is cut off after some steps; return its state's folder."""
    save = states.State.save

    def saving(state, *arguments):
        save(state, *arguments)
        if state.finished() == steps:
            raise Cut

    with monkeypatch.context() as patch, pytest.raises(Cut):
        patch.setattr(states.State, "save", saving)
        small.run(ACQUIRE)
    (folder,) = (small.folder / "state").glob("*/step0000")
    return folder.parent


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.fixture
def run(small):
    """A small run."""
    return small("run")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What the trajectory leaves when nothing happens."""
    from tests.unit.stages.conftest import Small

    small = Small(tmp_path_factory.mktemp("undisturbed") / "run")
    assert small.run(ACQUIRE) == 0
    return small.contents(ACQUIRE)


@pytest.mark.parametrize(
    ("damaged", "spoil", "kept"),
    [
        ("step0000/scores.parquet", flip, 0),
        ("step0001/queries.parquet", flip, 1),
        ("step0001/test_predictions.parquet", flip, 1),
        ("step0001/facts.json", flip, 1),
        ("step0002/digests.json", flip, 2),
        ("step0001/metrics.parquet", lambda path: path.unlink(), 1),
        ("step0002/timings.parquet", lambda path: path.write_bytes(b""), 2),
    ],
)
def test_a_damaged_step_is_done_again(run, undisturbed, monkeypatch, capsys, damaged, spoil, kept):
    state = cut_off_after(run, monkeypatch, 3)
    spoil(state / damaged)
    capsys.readouterr()
    assert run.run(ACQUIRE) == 0
    assert f"{ACQUIRE}: step {kept}, or one before it, is damaged; it runs again" in capsys.readouterr().out
    attempts = [json.loads((state / f"step{n:04d}/facts.json").read_text())["attempt"] for n in range(4)]
    assert attempts == [1] * kept + [2] * (4 - kept)
    assert run.contents(ACQUIRE) == undisturbed


def test_a_whole_state_is_taken_up(run, undisturbed, monkeypatch, capsys):
    state = cut_off_after(run, monkeypatch, 3)
    (state / "step0003.tmp").mkdir()  # half written
    capsys.readouterr()
    assert run.run(ACQUIRE) == 0
    assert "damaged" not in capsys.readouterr().out
    manifest = json.loads((run.folder / ACQUIRE / "manifest.json").read_text())
    assert (manifest["attempts"], manifest["resumed_iterations"]) == (2, [4])
    assert run.contents(ACQUIRE) == undisturbed


def test_a_job_that_goes_on_elsewhere_tells_where_it_was_before(run, monkeypatch):
    node = {"host": "node-1", "cpu": "A processor"}
    monkeypatch.setattr("feasible_al.engine.device.machine", lambda: node)
    state = cut_off_after(run, monkeypatch, 2)
    facts = json.loads((state / "step0000/facts.json").read_text())["hardware"]
    monkeypatch.setattr("feasible_al.engine.device.machine", lambda: node | {"host": "node-2"})
    assert run.run(ACQUIRE) == 0
    manifest = json.loads((run.folder / ACQUIRE / "manifest.json").read_text())
    before = {key: facts[key] for key in ("device", "precision", "threads")}
    assert (manifest["host"], manifest["cpu"]) == ("node-2", "A processor")
    assert manifest["elsewhere"] == [node | before | {"iterations": [1, 2]}]


def test_a_job_that_stays_was_nowhere_else(run, monkeypatch):
    cut_off_after(run, monkeypatch, 2)
    assert run.run(ACQUIRE) == 0
    assert "elsewhere" not in json.loads((run.folder / ACQUIRE / "manifest.json").read_text())


def test_a_points_manifest_tells_of_that_point_alone(run):
    assert run.run("acquisition/topics/none/random/none/seed1") == 0
    assert run.run(SUCCESSOR) == 0
    for point in range(4):
        manifest = json.loads((run.folder / SUCCESSOR / f"point{point}/manifest.json").read_text())
        assert manifest["slice"]["points"] == [point]
        assert set(manifest["shared_iterations"]) <= {point}
        assert manifest["exclusive"] == (not manifest["shared_iterations"])
        assert sorted(manifest["files"]) == ["metrics.csv", "test_predictions.parquet", "timings.csv"]


def test_the_states_of_unfinished_jobs_outlive_what_others_finish(tmp_path):
    for name in ("begun", "done", "of-an-older-config"):
        (tmp_path / "state" / name / "step0000").mkdir(parents=True)
    states.remove_states(tmp_path, {"begun"})
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["begun"]


def test_a_writer_clears_away_what_a_killed_one_left_and_nothing_else(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    mine, dead, alive, other = (
        tmp_path / f".{name}.tmp"
        for name in (
            f"a[1].csv.{os.getpid()}",
            f"a[1].csv.{process.pid}",
            "a[1].csv.1",
            f"b.csv.{process.pid}",
        )
    )
    for path in (dead, alive, other):
        path.write_text("half")
    write_text(tmp_path / "a[1].csv", "whole")
    assert {path.name for path in tmp_path.iterdir()} == {"a[1].csv", alive.name, other.name}
    assert not mine.exists()
