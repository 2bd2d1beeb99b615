"""SEALS and AnchorAL against their definitions, slowly."""

from pathlib import Path

import numpy as np
import pytest
import torch
from feasible_al.config.models import ScratchWeights
from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.device import Device
from feasible_al.engine.tokens import gather
from feasible_al.jobs.resolve import load
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.encoder import represent
from feasible_al.models.recipe import recipe_for
from feasible_al.subsampling import Neighbourhood, Space, keep
from feasible_al.subsampling.anchoral import AnchorAl
from feasible_al.subsampling.seals import Seals

TINY = Path(__file__).parents[2] / "configs" / "tiny.yaml"
SIZE, CLASSES = 200, 3
RNG = np.random.default_rng(0)
RAW = RNG.normal(size=(SIZE, 5))
POINTS = (RAW / np.linalg.norm(RAW, axis=1, keepdims=True)).astype(np.float32)
LABELLED = np.sort(RNG.permutation(SIZE)[:30])
POOL = np.setdiff1d(np.arange(SIZE), LABELLED)
TARGETS = RNG.integers(0, CLASSES, SIZE)


def kept_by(settings, pool=POOL, seed=0, space=None):
    nearby = Neighbourhood(
        space or Space(POINTS), pool, LABELLED, TARGETS[LABELLED], np.random.default_rng(seed)
    )
    ties, draws = np.random.default_rng(1), nearby.rng
    kept, order = keep(settings, pool, np.full(len(pool), np.nan), ties, draws, nearby)
    assert sorted(order) == list(range(len(pool)))
    return set(pool[kept].tolist())


def cosine(a: int, b: int) -> float:
    return float(RAW[a] @ RAW[b] / np.linalg.norm(RAW[a]) / np.linalg.norm(RAW[b]))


@pytest.mark.parametrize("k", [1, 5, 400])
def test_seals_keeps_the_neighbours_of_everything_labelled(k):
    expected = set()
    for row in LABELLED:
        others = sorted((other for other in range(SIZE) if other != row), key=lambda o: -cosine(row, o))
        expected |= set(others[:k])
    assert kept_by(Seals(kind="seals", neighbours=k)) == expected & set(POOL.tolist())


def test_neighbours_are_searched_once_and_in_blocks(monkeypatch):
    monkeypatch.setattr("feasible_al.subsampling.space.BLOCK", 7)
    space = Space(POINTS)
    first = space.neighbours(LABELLED, 5)
    assert len(space.known[5]) == len(LABELLED)
    monkeypatch.setattr("feasible_al.subsampling.space.np.argpartition", None)  # a search would fail
    assert (space.neighbours(LABELLED[::-1], 5) == first[::-1]).all()


def test_anchoral_with_all_labelled_as_anchors_averages_what_they_retrieve():
    retrieved: dict[int, list[float]] = {}
    for anchor in LABELLED:
        nearest = sorted(POOL.tolist(), key=lambda row: -cosine(anchor, row))[:6]
        for row in nearest:
            retrieved.setdefault(row, []).append(cosine(anchor, row))
    ranked = sorted(retrieved, key=lambda row: -np.mean(retrieved[row]))
    assert len(ranked) > 40
    for instances in (40, 1000):
        settings = AnchorAl(kind="anchoral", anchors=30, neighbours=6, instances=instances)
        assert kept_by(settings) == set(ranked[:instances])


def test_anchoral_has_as_many_anchors_of_each_class_as_asked_for():
    one = AnchorAl(kind="anchoral", anchors=1, neighbours=1)
    found = [kept_by(one, seed=seed) for seed in range(40)]
    assert all(1 <= len(kept) <= CLASSES for kept in found)
    nearest = {
        number: {max(POOL.tolist(), key=lambda row, a=a: cosine(a, row)) for a in LABELLED[TARGETS[LABELLED] == number]}
        for number in range(CLASSES)
    }  # fmt: skip
    for kept in found:
        assert all(kept & rows for rows in nearest.values())
    assert len({frozenset(kept) for kept in found}) > 1
    assert kept_by(one, seed=3) == kept_by(one, seed=3)


def test_a_representation_is_the_mean_of_the_last_states_whatever_the_batch():
    words = ["red", "green", "blue", "fast", "slow"]
    texts = tuple(" ".join(RNG.choice(words, n)) for n in (3, 1, 7, 5, 2))
    split = Split(np.arange(5), texts, np.zeros(5, dtype=np.int64))
    block = Encoder(kind="encoder", weights=ScratchWeights(kind="scratch", hidden_size=16))
    recipe = recipe_for("m", block, Dataset("classification", ("a", "b"), split, split), None)
    tokens = recipe.tokenize(split)
    cpu = torch.device("cpu")
    model = recipe.fresh(0, 0, cpu, plain=True).eval()
    found = represent(model, tokens, Device(cpu, "float32", 4, 8))
    for row in range(5):
        states = model.model.bert(input_ids=gather(tokens, np.array([row]), cpu).ids).last_hidden_state[0]
        mean = states.mean(dim=0).detach().numpy()
        assert found[row] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


@pytest.mark.parametrize(
    ("dataset", "model", "rule", "message"),
    [
        ("topics", "cnn", {"kind": "seals"}, "seals needs an encoder as acquisition model, to embed the pool"),
        ("spans", "encoder", {"kind": "anchoral"}, "anchoral does not fit tagging datasets, only: classification"),
    ],
)  # fmt: skip
def test_what_a_rule_cannot_do_is_refused(dataset, model, rule, message, tmp_path):
    import yaml

    path = tmp_path / "overlay.yaml"
    series = {
        "datasets": [dataset],
        "acquisition": model,
        "strategy": "margin",
        "subsampling": "near",
        "successor": "cnn",
    }
    path.write_text(yaml.safe_dump({"subsampling": {"near": rule}, "series": {"near": series}}))
    with pytest.raises(InputError, match=f"series.near.subsampling: {message}"):
        load([TINY, path])
