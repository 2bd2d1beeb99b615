"""What the active-learning loop shows a strategy of the labelled instances, and only if it asks."""

from dataclasses import replace

import numpy as np
import pandas as pd
from feasible_al.strategies import STRATEGIES

from tests.unit.stages.conftest import ACQUIRE

NEEDS = {"probabilities", "labelled_embeddings", "labelled_probabilities", "labelled_labels"}


def views(small, monkeypatch, *needs):
    """The views of a run whose strategy needs these, and the run."""
    seen, known = [], STRATEGIES["least_confidence"]

    def score(view, rng):
        seen.append(view)
        return known.score(view, rng)

    changed = STRATEGIES._entries | {"least_confidence": replace(known, score=score, needs=frozenset(needs))}
    monkeypatch.setattr(STRATEGIES, "_entries", changed)
    run = small("run")
    assert run.run(ACQUIRE) == 0
    return seen, run.folder


def test_labelled_instances_come_with_their_predictions_and_labels(small, monkeypatch):
    seen, folder = views(small, monkeypatch, *NEEDS)
    queries = pd.read_csv(folder / ACQUIRE / "queries.csv")
    train = pd.read_parquet(folder / "data/topics/train.parquet")
    assert [len(view.labelled_labels) for view in seen] == [8, 14, 20]
    for iteration, view in enumerate(seen, start=1):
        labelled = queries[queries["iteration"] < iteration]["instance"]
        expected = train[train["id"].isin(labelled)].sort_values("id")["label"]
        names = sorted(train["label"].unique())
        assert [names[label] for label in view.labelled_labels] == expected.tolist()
        assert view.labelled_probabilities.shape == (len(expected), 2)
        assert np.allclose(view.labelled_probabilities.sum(axis=1), 1, atol=1e-6)
        assert len(np.unique(view.labelled_probabilities[:, 0])) > 1
        assert len(view.labelled_embeddings) == len(expected)


def test_nothing_is_shown_that_is_not_asked_for(small, monkeypatch):
    seen, _ = views(small, monkeypatch, "probabilities", "labelled_probabilities")
    assert seen[0].labelled_proba is not None
    assert seen[0].labelled_embedding is None
    assert seen[0].labelled_label is None
    assert seen[0].embedding is None
