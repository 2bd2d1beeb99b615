"""Trajectories from elsewhere."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from feasible_al.cli import main
from feasible_al.commands.validate import check_sources
from feasible_al.core.errors import InputError
from feasible_al.jobs import hash_of, jobs_of
from feasible_al.jobs.resolve import load, save
from feasible_al.results.columns import read_rows
from feasible_al.results.externals import with_digests
from feasible_al.stages.imported import WANTED

DATASET = {
    "task": "classification",
    "source": {"kind": "generated", "train": 60, "test": 20, "classes": 2},
    "budget": {"seed": 5, "query": 5, "iterations": 2},
}
RAW = {
    "run": {"name": "r"},
    "seeds": [1, 2],
    "datasets": {"topics": DATASET},
    "models": {"cnn": {"kind": "text_cnn", "embedding_size": 4, "filters": 2, "training": {"epochs": 1}}},
    "imported_trajectories": {
        "theirs": {"path": "${THEIRS}/{dataset}-{seed}.csv", "citation": "Somebody (2020)"}
    },
    "series": {"theirs": {"datasets": ["topics"], "strategy": "theirs", "successor": "cnn"}},
}
JOB = "acquisition/topics/none/theirs/none/seed1"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A folder with a config, prepared data and two files of queries."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("THEIRS", str(tmp_path))
    Path("config.yaml").write_text(yaml.safe_dump(RAW))
    for seed in (1, 2):
        order = np.random.default_rng(seed).permutation(60)[:14]
        write(seed, list(zip([1] * 4 + [0] * 6 + [2] * 4, order.tolist(), strict=True)))
    resolved = save(load([Path("config.yaml")]), Path("results/r"))
    assert main(["step", str(resolved), "data/topics"]) == 0
    return resolved


def write(seed: int, rows: list[tuple[int, int]]) -> None:
    lines = [f"{iteration},{instance},x" for iteration, instance in rows]
    Path(f"topics-{seed}.csv").write_text("\n".join(["iteration,instance,else", *lines]) + "\n")


def test_a_successor_is_evaluated_on_queries_from_elsewhere(run):
    assert main(["step", str(run), JOB]) == 0
    folder = Path("results/r", JOB)
    given, taken = pd.read_csv("topics-1.csv"), pd.read_csv(folder / "queries.csv")
    for iteration in range(3):
        expected = given.loc[given["iteration"] == iteration, "instance"].tolist()
        assert taken.loc[taken["iteration"] == iteration, "instance"].tolist() == expected
        assert taken.loc[taken["iteration"] == iteration, "rank"].tolist() == list(
            range(1, len(expected) + 1)
        )
    assert (taken["tokens"] > 0).all()
    assert json.loads((folder / "manifest.json").read_text())["slice"]["strategy"][0] == "from elsewhere"
    successor = "successor/topics/none/theirs/none/seed1/gold/cnn"
    assert main(["step", str(run), successor]) == 0
    points = [pd.read_csv(Path("results/r", successor, f"point{p}/metrics.csv")) for p in range(3)]
    assert [int(point["labelled_instances"].iloc[0]) for point in points] == [6, 10, 14]


def test_a_byte_order_mark_and_blank_lines_are_skipped():
    Path("queries.csv").write_text("\ufeffiteration,else,instance\n\n0,x,5\n", encoding="utf-8")
    assert read_rows(Path("queries.csv"), WANTED, "") == [{"iteration": 0, "instance": 5}]


def test_a_line_with_too_few_cells_is_named():
    Path("queries.csv").write_text("iteration,instance,else\n\n0,5,x\n0,6\n")
    with pytest.raises(InputError, match=r"queries\.csv:4: the number of cells is 2, and in the header 3"):
        read_rows(Path("queries.csv"), WANTED, "")


def changed():
    write(2, [(0, 1), (1, 2), (2, 3)])
    return with_digests(load([Path("config.yaml")]), Path("results/r"))


def test_another_file_is_another_job_and_only_that_seeds(run):
    before, after = (
        {str(job.folder): hash_of(config, job) for job in jobs_of(config)}
        for config in (with_digests(load([Path("config.yaml")]), Path("results/r")), changed())
    )
    assert {job for job in after if after[job] != before[job]} == {
        "acquisition/topics/none/theirs/none/seed2", "successor/topics/none/theirs/none/seed2/gold/cnn",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(0, 1), (1, 2)], "topics-1.csv: has the iterations 0, 1, but datasets.topics.budget.iterations asks for 0 to 2"),
        ([(0, 1), (1, 2), (2, 99)], "topics-1.csv:4: instance 99 is not in the training set"),
        ([(0, 1), (1, 2), (2, 1)], "topics-1.csv:4: instance 1 is queried twice"),
        ([(0, 1), (1, 10**20), (2, 3)], "topics-1.csv:3: '100000000000000000000' in column 'instance' is not a whole number"),
        ([(0, 1), (1, "x"), (2, 3)], "topics-1.csv:3: 'x' in column 'instance' is not a whole number"),
    ],
)  # fmt: skip
def test_what_is_no_trajectory_is_refused_and_nothing_is_written(rows, message, run, capsys):
    write(1, rows)
    assert main(["step", str(run), JOB]) == 2
    assert message in capsys.readouterr().err
    assert not Path("results/r", JOB).exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,1\n\n1,2\n   \n2,99\n", "topics-1.csv:6: instance 99 is not in the training set"),
        ('0,1\n1,"2\n2,3\n', "topics-1.csv: not a complete CSV file (unexpected end of data)"),
    ],
)
def test_lines_are_numbered_as_in_the_file_and_torn_ones_found(text, message, run, capsys):
    Path("topics-1.csv").write_text(f"iteration,instance\n{text}")
    assert main(["step", str(run), JOB]) == 2
    assert message in capsys.readouterr().err


def test_a_missing_file_is_found_before_anything_runs(run):
    Path("topics-2.csv").unlink()
    with pytest.raises(
        InputError, match=r"imported_trajectories\.theirs\.path: no such file: .*topics-2\.csv"
    ):
        check_sources(load([Path("config.yaml")]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"series": {"theirs": {"acquisition": "cnn"}}}, "series.theirs.acquisition: theirs is an imported trajectory"),
        ({"imported_trajectories": {"margin": {"path": "x"}}}, "imported_trajectories.margin: there is a query strategy called 'margin'"),
        ({"imported_trajectories": {"theirs": {"path": "{dataset}.csv"}}}, "imported_trajectories.theirs.path: lacks {seed}, but each of the 2 seeds needs a file"),
        ({"series": {"theirs": {"strategy": "their"}}}, "unknown query strategy 'their'; did you mean 'theirs'"),
    ],
)  # fmt: skip
def test_a_bad_config_is_refused(change, message, run):
    Path("change.yaml").write_text(yaml.safe_dump(change))
    with pytest.raises(InputError) as caught:
        load([Path("config.yaml"), Path("change.yaml")])
    assert message in str(caught.value)
