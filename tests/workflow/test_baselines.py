"""The runs that ship: the leaderboard follows from them, a run takes them over, and frauds are found."""

import json
import re
import shutil
from itertools import pairwise

import pandas as pd
import pytest
from feasible_al.cli import main
from feasible_al.commands import verify
from feasible_al.commands.baselines import BASELINES, PAGE, export, leaderboard_of, saved_config, shipped
from feasible_al.core.errors import InputError
from feasible_al.core.io import sha256_of, write_record
from feasible_al.jobs.resolve import load, load_saved
from feasible_al.results.externals import with_digests
from feasible_al.results.reuse import jobs_to_reuse

from tests.workflow.conftest import ROOT

FOLDERS = sorted(path for path in BASELINES.iterdir() if path.is_dir())
JOB = "acquisition/bbc_news/minilm/margin/none/seed3"


def test_the_leaderboard_is_what_its_runs_give():
    assert PAGE.read_text() == leaderboard_of(BASELINES)


def test_areas_and_differences_of_the_leaderboard_by_hand():
    """From the files of the jobs alone: trapezoids over the labelled texts, means over seeds."""
    areas = {}
    for name, folder in (("margin", "acquisition/bbc_news/minilm/margin/none"), ("random", None)):
        for seed in range(1, 21):
            if folder:
                rows = pd.read_csv(BASELINES / "bbc_news" / folder / f"seed{seed}" / "metrics.csv")
            else:
                point = f"successor/bbc_news/none/random/none/seed{seed}/gold/minilm/point*/metrics.csv"
                rows = pd.concat(map(pd.read_csv, (BASELINES / "bbc_news").glob(point))).sort_values("point")
            scores = rows[rows.metric == "balanced_accuracy"].value.tolist()
            parts = [(a + b) / 2 for a, b in pairwise(scores[1:])]
            areas[name, seed] = sum(parts) / len(parts)
    mean = {name: sum(areas[name, seed] for seed in range(1, 21)) / 20 for name in ("margin", "random")}
    row = next(line for line in PAGE.read_text().splitlines() if "| margin |" in line)
    assert f"| +{mean['margin'] - mean['random']:.3f} [" in row


def test_ranks_over_datasets_by_hand():
    """Of the strategies on both boards, in the order of each board's ranks."""
    boards = []
    for board in PAGE.read_text().split("\n## ")[1:3]:
        rows = [line.split(" | ") for line in board.splitlines() if re.match(r"\| [\d.]+ \|", line)]
        boards.append([row[1] for row in rows])
    both = [[name for name in board if name in boards[0] and name in boards[1]] for board in boards]
    lines = PAGE.read_text().split("\n## Over datasets")[1].splitlines()
    rows = [re.findall(r"[^|]+", line) for line in lines if re.match(r"\| [^|]+ \| +\d", line)]
    found = {row[0].strip(): [float(cell) for cell in row[1:4]] for row in rows}
    assert set(found) == set(both[0]) == set(both[1])
    for name, (mean, *places) in found.items():
        assert places == [board.index(name) + 1 for board in both]
        assert mean == pytest.approx(sum(places) / 2)


def test_a_comparison_takes_all_of_it_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where there is no folder of that name
    run = tmp_path / "results/compare"
    found = jobs_to_reuse(with_digests(load([ROOT / "configs/compare.yaml"]), run), run)
    config = load_saved(saved_config(BASELINES / "bbc_news"))
    assert found == {job.name: BASELINES / "bbc_news" for job in shipped(config)}
    assert len(found) == 15 * 20 + 2 * 20 + 5


@pytest.mark.slow
def test_an_export_has_no_texts_and_never_replaces_a_folder(tmp_path, tiny_run):
    to = tmp_path / "shipped"
    assert main(["export", str(tiny_run / "results/tiny"), str(to)]) == 0
    assert {path.name for path in to.iterdir()} == {
        "acquisition", "successor", "full", "data", saved_config(to).name
    }  # fmt: skip
    assert {path.name for path in (to / "data").rglob("*") if path.is_file()} == {"stats.json"}
    with pytest.raises(InputError, match="exists already"):
        export(tiny_run / "results/tiny", to)
    assert main(["export", str(tmp_path), str(tmp_path / "other")]) == 2
    assert not (tmp_path / "other").exists()


@pytest.mark.slow
def test_an_export_of_an_unfinished_run_is_refused_and_leaves_nothing(tmp_path, tiny_run):
    copy = tmp_path / "run"
    shutil.copytree(tiny_run / "results/tiny", copy)
    next((copy / "full").rglob("metrics.csv")).unlink()
    with pytest.raises(InputError, match=r"metrics\.csv"):
        export(copy, tmp_path / "to" / "shipped")
    assert list((tmp_path / "to").glob("*") if (tmp_path / "to").exists() else ()) == []


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_what_ships_can_be_computed_again(folder, capsys):
    assert main(["verify", str(folder)]) == 0
    assert re.search(r"seed \d+: .*computed again", capsys.readouterr().out)


def forged(folder, job):
    """Make the record of a job fit its files again, as somebody who cheats would."""
    record = folder / job / ("stats.json" if job.startswith("data/") else "manifest.json")
    facts = json.loads(record.read_text())
    del facts["digest"]
    facts["files"] = {
        name: sha256_of(folder / job / name) if (folder / job / name).exists() else known
        for name, known in facts["files"].items()
    }
    write_record(record, facts)
    return record, facts


def edited_score(folder):
    path = folder / JOB / "metrics.csv"
    rows = pd.read_csv(path)
    rows.loc[rows.point == 4, "value"] += 0.01
    rows.to_csv(path, index=False)
    forged(folder, JOB)
    return "its predictions give"


def query_over_budget(folder):
    path = folder / JOB / "queries.csv"
    rows = pd.read_csv(path)
    rows.loc[rows.index[rows.iteration == 2][0], "iteration"] = 1
    rows.to_csv(path, index=False)
    forged(folder, JOB)
    return "iteration 1 labels more than 16 instances"


def another_dataset(folder):
    record, facts = forged(folder, "data/bbc_news")
    facts.pop("digest", None)
    facts["files"]["train.parquet"] = "0" * 64
    write_record(record, facts)
    return "other data than its source gives here"


def swapped_seed(folder):
    shutil.rmtree(folder / JOB)
    shutil.copytree(folder / JOB.replace("seed3", "seed4"), folder / JOB)
    return "but in this config it has the hash"


def missing_iteration(folder):
    path = folder / JOB / "queries.csv"
    rows = pd.read_csv(path)
    rows[rows.iteration != 6].to_csv(path, index=False)
    forged(folder, JOB)
    return "iterations are missing"


def another_version(folder):
    record, facts = forged(folder, JOB)
    facts.pop("digest", None)
    facts["versions"]["feasible-al"] = "0.0.9"
    write_record(record, facts)
    return r"made by version 0\.0\.9"


@pytest.mark.slow
@pytest.mark.parametrize(
    "fraud",
    [edited_score, query_over_budget, another_dataset, swapped_seed, missing_iteration, another_version],
)
def test_frauds_are_found(tmp_path, fraud):
    folder = tmp_path / "bbc_news"
    shutil.copytree(BASELINES / "bbc_news", folder)
    reason = fraud(folder)
    with pytest.raises(InputError, match=reason):
        list(verify.verify_run(folder, 3))


@pytest.fixture
def changed(tmp_path):
    """Scores and predictions of a job that were changed together; its config, and what it was."""
    folder = tmp_path / "bbc_news"
    shutil.copytree(BASELINES / "bbc_news", folder)

    def change(job, other):
        for name in ("metrics.csv", "test_predictions.parquet"):
            shutil.copyfile(folder / other / name, folder / job / name)
        forged(folder, job)
        return load_saved(saved_config(folder)), 3, folder, BASELINES / "bbc_news"

    return change


def test_on_such_a_machine_no_byte_may_differ(changed, monkeypatch):
    facts = json.loads((BASELINES / "bbc_news" / JOB / "manifest.json").read_text())
    monkeypatch.setattr(verify, "machine", lambda: {key: facts[key] for key in ("cpu", "instructions")})
    monkeypatch.setattr(verify, "versions", lambda: facts["versions"])
    config, seed, folder, before = changed(JOB, JOB.replace("margin", "entropy"))
    assert "the same to the byte" in verify.compared(config, 4, folder, before)
    with pytest.raises(InputError, match=r"seed 3, computed again on such a machine") as error:
        verify.compared(config, seed, folder, before)
    assert JOB in str(error.value)


def test_elsewhere_a_mean_score_may_differ_a_little_and_no_more(changed, monkeypatch):
    monkeypatch.setattr(verify, "machine", lambda: {"cpu": "another", "instructions": ""})
    found = verify.compared(*changed(JOB, JOB.replace("margin", "entropy")))
    assert re.match(r"mean scores of 18 jobs, .* at most 0\.0[1-4]\d \(cpu .*, here another", found)
    with pytest.raises(InputError, match=r"its mean score is .* may be due to rounding with cpu"):
        verify.compared(*changed(JOB, JOB.replace("margin", "typiclust")))


def test_a_seed_that_the_run_does_not_have(capsys):
    assert main(["verify", str(BASELINES / "bbc_news"), "--seed", "77"]) == 2
    assert "no seed 77" in capsys.readouterr().err
