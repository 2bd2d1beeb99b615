"""Several seeds of one trajectory or fit in one job of the workflow: the same files, and nothing done twice."""

import json
import shutil
import time

import pandas as pd
import pytest
import yaml
from feasible_al.cli import main
from feasible_al.jobs.resolve import load, save

from tests.workflow import little
from tests.workflow.conftest import planned
from tests.workflow.little import PLASM, RANDOM, RESULTS, SUCCESSOR, contents

pytestmark = pytest.mark.slow

SEEDS = [1, 2, 3]
KINDS = {"acquire": 2, "fit_successor": 3}
PAGES = {"collect", "figure", "table", "report", "all", "total"}


def write(folder, seeds, run=None):
    """The little config with some seeds and keys of ``run``, as a file."""
    folder.mkdir(exist_ok=True)
    path = folder / "little.yaml"
    path.write_text(
        yaml.safe_dump(little.CONFIG | {"seeds": seeds, "run": {"name": "little", **(run or {})}})
    )
    return path


def jobs_planned(folder, config):
    return {rule: count for rule, count in planned(folder, config).items() if rule not in PAGES}


def of_seed(seed, name):
    return name.replace("seed1", f"seed{seed}")


def started(folder):
    """A run of the config in a folder, not waited for."""
    return little.started(folder, folder / "little.yaml")


@pytest.fixture(scope="module")
def batched(tmp_path_factory):
    """A finished run of three seeds, two in a job."""
    folder = tmp_path_factory.mktemp("batched")
    config = write(folder, SEEDS, {"seeds_per_job": 2})
    assert jobs_planned(folder, config) == {
        "prepare": 1,
        "distill": 1,
        **{r: 2 * n for r, n in KINDS.items()},
    }
    output, _ = (process := started(folder)).communicate(timeout=600)
    assert process.returncode == 0, output
    return folder


@pytest.fixture
def copy(batched, tmp_path, monkeypatch):
    """A copy of the run, to be spoilt; also the working directory."""
    shutil.copytree(batched, tmp_path / "run", copy_function=shutil.copy2)
    monkeypatch.chdir(tmp_path / "run")
    return tmp_path / "run"


def test_each_seed_leaves_what_it_leaves_alone(batched, little_run, tmp_path):
    write(tmp_path, [2])
    output, _ = (process := started(tmp_path)).communicate(timeout=600)
    assert process.returncode == 0, output
    ours = contents(batched)
    for seed, alone in ((1, little_run), (2, tmp_path)):  # the first and the last of a batch
        expected = {
            name: content for name, content in contents(alone).items() if not name.startswith("tables/")
        }
        assert {name: ours[name] for name in expected} == expected
        assert any(f"/seed{seed}/" in name for name in expected)
    for path in (batched / RESULTS).glob("*/**/manifest.json"):
        facts = json.loads(path.read_text())
        assert (facts["attempts"], facts["resumed_iterations"]) == (1, [])


def test_texts_are_tokenized_once_and_timed_with_the_first_seed(batched):
    phases = {
        seed: set(pd.read_csv(batched / RESULTS / of_seed(seed, SUCCESSOR) / "point0/timings.csv")["phase"])
        for seed in SEEDS
    }
    rest = {"setup", "train", "evaluate"}
    assert phases == {1: rest | {"tokenize"}, 2: rest, 3: rest | {"tokenize"}}
    # The fit after the last query is outside all times, also outside those of the next seed.
    timings = pd.read_csv(batched / RESULTS / of_seed(2, PLASM) / "timings.csv")
    assert not timings.duplicated(["iteration", "phase"]).any()


@pytest.mark.parametrize("run", [{}, {"seeds_per_job": 3}, {"seeds_per_job": 2, "points_per_job": 1}])
def test_finished_seeds_stay_however_seeds_are_divided(batched, tmp_path, run):
    assert jobs_planned(batched, write(tmp_path, SEEDS, run)) == {}
    assert jobs_planned(batched, write(tmp_path, [0, *SEEDS], run)) == {
        "acquire": 2,
        "fit_successor": 2 + (3 if "points_per_job" in run else 1),
    }
    assert jobs_planned(batched, write(tmp_path, [0, 1, 2, 3, 4], {"seeds_per_job": 5})) == KINDS


def test_a_missing_seed_runs_alone(copy):
    shutil.rmtree(copy / RESULTS / of_seed(1, SUCCESSOR))
    assert jobs_planned(copy, copy / "little.yaml") == {"fit_successor": 1}


def test_what_an_earlier_run_finished_is_in_no_batch(batched, tmp_path):
    run = {"name": "second", "reuse": [str(batched / RESULTS)], "seeds_per_job": 5}
    taken = 1 + 3 * sum(KINDS.values())
    assert jobs_planned(tmp_path, write(tmp_path, [1, 2, 3, 4, 5], run)) == {
        "prepare": 1,
        "reuse": taken,
        **KINDS,
    }


def test_a_seed_that_fails_stops_no_other(copy, batched, capsys):
    """The trajectory of the first seed is spoilt, so its successor fails; the second's is made."""
    path = RESULTS / RANDOM / "queries.csv"
    sound = path.read_bytes()
    path.write_bytes(sound[:-5])
    for seed in (1, 2):
        shutil.rmtree(RESULTS / of_seed(seed, SUCCESSOR))
    config = save(load([copy / "little.yaml"]), RESULTS)
    last = of_seed(2, SUCCESSOR)
    assert main(["step", str(config), last, "--seeds", "1", "2"]) == 2
    said = capsys.readouterr().err
    assert f"error: 1 of 2 jobs failed\n{SUCCESSOR}: {path}: " in said
    expected = contents(batched)
    made = {name: content for name, content in expected.items() if name.startswith(last)}
    assert made
    assert made.items() <= contents(copy).items()
    shutil.rmtree(RESULTS / last)
    shutil.rmtree(RESULTS / "state")  # a job that is known to fail would run alone
    output, _ = (process := started(copy)).communicate(timeout=600)
    assert process.returncode == 2
    assert f"error: {SUCCESSOR}: {path}: " in output
    assert f"its log is {RESULTS}/logs/{last}/point2.log" in output
    path.write_bytes(sound)
    output, _ = (process := started(copy)).communicate(timeout=600)
    assert process.returncode == 0, output
    assert contents(copy) == expected
    facts = json.loads((RESULTS / last / "point2/manifest.json").read_text())
    assert (facts["attempts"], facts["resumed_iterations"]) == (2, [])  # it was done at the first


def test_a_batch_that_is_killed_goes_on_after_the_seeds_that_are_done(copy, batched):
    for seed in SEEDS:
        shutil.rmtree(RESULTS / of_seed(seed, SUCCESSOR))
    first = RESULTS / SUCCESSOR / "point2/manifest.json"
    process = started(copy)
    while process.poll() is None and not first.exists():
        time.sleep(0.01)
    process.kill()
    process.communicate()
    done = first.stat().st_mtime_ns
    output, _ = (process := started(copy)).communicate(timeout=600)
    assert process.returncode == 0, output
    assert first.stat().st_mtime_ns == done
    assert contents(copy) == contents(batched)
