"""Fits that end no better than a constant answer say so, however well they know what they learned."""

import numpy as np
import pandas as pd
import pytest
import yaml
from feasible_al.cli import main
from feasible_al.config.data import METRICS
from feasible_al.data.types import Dataset, Split
from feasible_al.jobs.resolve import load, save
from feasible_al.stages.metrics import majority_score

CLASSES = 14
BUDGET = {"seed": 28, "query": 14, "iterations": 1}
CNN = {"kind": "text_cnn", "embedding_size": 8, "filters": 8}


def written(folder, known):
    """Texts of 14 classes; the words of the test set occur in the training set, or none of them does."""
    train = [(f"w{c} v{c} {'ab'[i % 2]} {i}", f"class{c}") for i in range(20) for c in range(CLASSES)]
    test = [(f"{'w' if known else 'x'}{c} {'v' if known else 'y'}{c} z{c}", c) for c in range(CLASSES)]
    # Of 28 texts the first two classes have 8 each.
    test = [(f"{text} {i}", f"class{c}") for text, c in test for i in range(8 if c < 2 else 1)]
    for name, rows in (("train", train), ("test", test)):
        pd.DataFrame(rows, columns=["text", "label"]).to_csv(folder / f"{name}.csv", index=False)
    return len(test)


def fitted(folder, **block):
    """The row of metrics of a fit on the whole training set, by metric."""
    files = {name: str(folder / f"{name}.csv") for name in ("train", "test")}
    config = {
        "run": {"name": "majority"},
        "seeds": [1],
        "engine": {"device": "cpu", "precision": "float32"},
        "datasets": {
            "topics": {
                "task": "classification",
                "source": {"kind": "files", "format": "csv", **files},
                "budget": BUDGET,
                "training": {"epochs": 30, "learning_rate": 0.02},
                "full": {"models": ["cnn"]},
                **block,
            }
        },
        "models": {"cnn": CNN},
        "series": {"random": {"datasets": ["topics"], "strategy": "random", "successor": "cnn"}},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    run = folder / "results" / "majority"
    saved = str(save(load([folder / "config.yaml"]), run))
    assert main(["step", saved, "data/topics"]) == 0
    assert main(["step", saved, "full/topics/cnn/seed1"]) == 0
    return pd.read_csv(run / "full/topics/cnn/seed1/metrics.csv").set_index("metric")


@pytest.mark.parametrize("known", [True, False])
def test_accuracy_no_better_than_the_majority_class(tmp_path, known):
    size = written(tmp_path, known)
    rows = fitted(tmp_path)
    assert rows.index.tolist() == ["accuracy"]
    assert (
        rows.loc["accuracy", "value"] > 8 / size
    ) == known  # words never seen: the same answer for every text
    assert rows.loc["accuracy", "converged"] == known


@pytest.mark.parametrize(("metric", "converged"), [("accuracy", False), ("balanced_accuracy", True)])
def test_the_metric_of_the_dataset_is_the_judge(tmp_path, metric, converged):
    written(tmp_path, known=True)
    # All texts of the largest class look like those of another one; every other class is as it was.
    test = [("w1 v1", "class0")] * 100 + [(f"w{c} v{c}", f"class{c}") for c in range(1, CLASSES)]
    pd.DataFrame(test, columns=["text", "label"]).to_csv(tmp_path / "test.csv", index=False)
    rows = fitted(tmp_path, metric=metric)
    assert rows.index.tolist() == list(dict.fromkeys([metric, "accuracy"]))
    assert rows.loc["accuracy", "value"] < 100 / 113
    assert rows.loc[metric, "converged"] == converged


def dataset(task, labels, targets):
    texts = tuple(("w",) * len(tags) if task == "tagging" else "w" for tags in targets)
    split = Split(np.arange(len(targets)), texts, np.concatenate([np.atleast_1d(tags) for tags in targets]))
    return Dataset(task, labels, split, split)


@pytest.mark.parametrize(
    ("task", "labels", "targets", "score"),
    [
        ("classification", ("a", "b", "c"), [0, 1, 1, 2, 1], 3 / 5),
        ("classification", ("a", "b"), [1, 1], 1.0),
        ("tagging", ("O", "B-X", "I-X"), [[0, 1, 2], [0, 0]], 0.0),
        # B-X everywhere: 4 spans, and all 3 that there are among them.
        ("tagging", ("O", "B-X"), [[1], [1, 0, 1]], 2 * 3 / (4 + 3)),
    ],
)
def test_the_score_of_a_constant_answer(task, labels, targets, score):
    assert majority_score(dataset(task, labels, targets), METRICS[task][0]) == pytest.approx(score)
