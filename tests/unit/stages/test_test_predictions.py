"""Stored test predictions: every score follows from them, by scikit-learn and seqeval alone."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from feasible_al.cli import main
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_json, sha256_of, write_parquet, write_record
from feasible_al.jobs import TEST_PREDICTIONS, Acquire, curve_of, jobs_of
from feasible_al.jobs.resolve import load, save
from feasible_al.results.columns import TEST_LABELS, read_parquet_checked
from feasible_al.results.counts import read_counts, read_gold
from feasible_al.results.integrity import results, verify
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from tests.small_config import CNN, LC, generated, small_config

CONFIG = small_config(
    "small",
    datasets={
        "topics": generated(train=60, test=30, seed=12, query=10, full={"models": ["cnn"]}),
        "spans": generated(
            task="tagging",
            classes=2,
            train=60,
            test=30,
            seed=200,
            query=100,
            max_length=12,  # cuts words off
            full={"models": ["crf"]},
        ),
        "rare": generated(
            train=60,
            test=30,
            seed=12,
            query=10,
            profile={"kind": "geometric", "largest": 15, "ratio": 3},
            metric="balanced_accuracy",
            full={"models": ["cnn"]},
        ),
    },
    models={
        "cnn": {**CNN, "training": {"epochs": 2, "minimum_steps": 60, "learning_rate": 0.02}},
        "crf": {
            "kind": "cnn_bilstm_crf",
            "embeddings": {"kind": "random", "size": 16},
            "hidden_size": 16,
            "training": {"epochs": 2, "minimum_steps": 150, "learning_rate": 0.02},
        },
    },
    series={
        "lc": {**LC},
        "rare": {**LC, "datasets": ["rare"]},
        "random_rare": {"datasets": ["rare"], "strategy": "random", "successor": "cnn"},
        "mnlp": {"datasets": ["spans"], "acquisition": "crf", "strategy": "mnlp", "successor": "crf"},
        "random_topics": {"datasets": ["topics"], "strategy": "random", "successor": "cnn"},
        "random_spans": {"datasets": ["spans"], "strategy": "random", "successor": "crf", "points": [1]},
    },
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The config and the folder of a run whose jobs are done."""
    folder = tmp_path_factory.mktemp("predictions")
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    config = load([folder / "config.yaml"])
    run = folder / "results" / "small"
    saved = save(config, run)
    for job in jobs_of(config):
        assert main(["step", str(saved), job.name]) == 0
    return config, run


def scored(run: Path, dataset: str, predictions: pd.DataFrame) -> dict[str, float]:
    """The scores of one point's predictions, by other people's code."""
    test = pd.read_parquet(run / "data" / dataset / "test.parquet")
    assert predictions["instance"].tolist() == test["id"].tolist()
    if dataset != "spans":
        pair = test["label"], predictions["prediction"]
        accuracy = {"accuracy": accuracy_score(*pair)}
        return (
            accuracy
            if dataset == "topics"
            else {"balanced_accuracy": balanced_accuracy_score(*pair)} | accuracy
        )
    gold, found = ([list(tags) for tags in column] for column in (test["tags"], predictions["prediction"]))
    assert list(map(len, gold)) == list(map(len, found))
    return {
        "f1": f1_score(gold, found, zero_division=0),
        "f1_strict": f1_score(gold, found, mode="strict", scheme=IOB2, zero_division=0),
    }


def test_every_score_follows_from_the_stored_predictions(finished):
    config, run = finished
    stages, values = set(), set()
    for job in (*jobs_of(config).acquire, *jobs_of(config).successor, *jobs_of(config).full):
        for result in results(job):
            folder = run / result.folder
            metrics = pd.read_csv(folder / "metrics.csv")
            predictions = pd.read_parquet(folder / TEST_PREDICTIONS)
            assert list(predictions) == list(TEST_LABELS)
            assert predictions["point"].unique().tolist() == metrics["point"].unique().tolist()
            dataset = job.dataset
            for point, rows in metrics.groupby("point"):
                found = scored(run, dataset, predictions[predictions["point"] == point])
                assert rows["metric"].tolist() == list(found)
                assert rows["value"].tolist() == pytest.approx([*found.values()])
                stages.add((job.stage, dataset))
                values.update(found.values())
    assert stages == {
        (stage, name) for stage in ("acquire", "successor", "full") for name in ("topics", "spans", "rare")
    }
    assert len(values) > 6  # not the same score of all


def test_they_are_an_output_that_the_record_knows(finished):
    config, run = finished
    for job in (*jobs_of(config).acquire, *jobs_of(config).successor, *jobs_of(config).full):
        for result in results(job):
            path = run / result.folder / TEST_PREDICTIONS
            record = json.loads((run / result.folder / "manifest.json").read_text())
            assert record["files"][TEST_PREDICTIONS] == sha256_of(path)
            assert verify(config, result, run, [TEST_PREDICTIONS])["files"] == record["files"]


def test_random_labelling_predicts_nothing(finished):
    config, run = finished
    (job,) = (job for job in jobs_of(config).acquire if job == Acquire("topics", "none", "random", "none", 1))
    table = read_parquet_checked(run / job.folder / TEST_PREDICTIONS, TEST_LABELS, "rerun it")
    assert table.empty


@pytest.mark.parametrize("series", ["lc", "mnlp"])
def test_both_kinds_of_labels_keep_the_contract(finished, tmp_path, series):
    config, run = finished
    block = config.series[series]
    job = Acquire(block.datasets[0], block.acquisition, block.strategy, "none", 1)
    path = run / job.folder / TEST_PREDICTIONS
    table = read_parquet_checked(path, TEST_LABELS, "rerun it")
    assert len(table) == 2 * 30
    table.drop(columns="prediction").to_parquet(tmp_path / "less.parquet")
    with pytest.raises(InputError, match="no column prediction; rerun it"):
        read_parquet_checked(tmp_path / "less.parquet", TEST_LABELS, "rerun it")


@pytest.mark.parametrize(
    ("series", "dataset", "points"),
    [
        ("lc", "topics", [0, 1]),
        ("random_topics", "topics", [0, 1]),
        ("rare", "rare", [0, 1]),
        ("mnlp", "spans", [0, 1]),
        ("random_spans", "spans", [1]),
    ],
)
def test_counts_by_instance_sum_up_to_the_scores(finished, series, dataset, points):
    config, run = finished
    found = read_counts(config, run, read_gold(config, run, dataset), series, dataset, 1, points)
    folder = run / curve_of(config, series, dataset, 1).folder
    tables = (
        [folder / "metrics.csv"]
        if series in {"lc", "rare", "mnlp"}
        else sorted(folder.glob("point*/metrics.csv"))
    )
    metrics = pd.concat(pd.read_csv(path) for path in tables)
    metrics = metrics[metrics["metric"] == config.datasets[dataset].shown_metric]
    assert [counts.score for counts in found] == pytest.approx(metrics["value"].tolist())
    assert {len(counts.hits) for counts in found} == {30}


def test_predictions_of_another_test_set_are_refused(finished, tmp_path):
    config, run = finished
    shutil.copytree(run, tmp_path / "run")
    folder = tmp_path / "run" / curve_of(config, "random_spans", "spans", 1).folder / "point1"
    table, gold = pd.read_parquet(folder / TEST_PREDICTIONS), read_gold(config, run, "spans")
    write_parquet(folder / TEST_PREDICTIONS, table.assign(instance=table["instance"] + 1))
    with pytest.raises(InputError, match="incomplete or changed since its job wrote it"):
        read_counts(config, tmp_path / "run", gold, "random_spans", "spans", 1, [1])
    record = read_json(folder / "manifest.json")
    record["files"][TEST_PREDICTIONS] = sha256_of(folder / TEST_PREDICTIONS)
    write_record(folder / "manifest.json", record)
    with pytest.raises(
        InputError, match="the instances at point 1 are not those of the test set; run the job"
    ):
        read_counts(config, tmp_path / "run", gold, "random_spans", "spans", 1, [1])
