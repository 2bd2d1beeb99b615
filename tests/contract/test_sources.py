"""What every kind of source must do, whatever it reads."""

import json
from functools import partial
from typing import get_args

import numpy as np
import pytest
from feasible_al.config.data import DatasetBlock, Source, Task
from feasible_al.data import sources
from feasible_al.data.prepare import prepare
from feasible_al.data.readers import WHEEL_READERS
from feasible_al.data.wheels import folder_digest

TOPICS = {"pets": "parrot", "tools": "hammer"}


def files(tmp_path, task):
    for split, size in (("train", 6), ("test", 3)):
        if task == "classification":
            lines = ["text,label", *(f"text {split} {n},{'xy'[n % 2]}" for n in range(size))]
        else:
            lines = [line for n in range(size) for line in (f"{split}{n} O", "Hull B-LOC", "End I-LOC", "")]
        (tmp_path / f"{split}.txt").write_text("\n".join(lines) + "\n")
    kind = "csv" if task == "classification" else "conll"
    return {"kind": "files", "format": kind, "train": f"{tmp_path}/train.txt", "test": f"{tmp_path}/test.txt"}


def hub(tmp_path, task):
    for split, size in (("train", 6), ("test", 3)):
        rows = [
            {"text": f"text {split} {n}", "label": n % 2, "tokens": [f"{split}{n}", "Hull"], "tags": [0, 1]}
            for n in range(size)
        ]
        (tmp_path / f"{split}.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    labels = ["y", "x"] if task == "classification" else ["O", "B-LOC"]
    named = {"train": "train.json", "test": "test.json"}
    return {"kind": "hub", "repository": str(tmp_path), "data_files": named, "labels": labels}


def wheel(tmp_path, task, reader):
    (tmp_path / "toy_texts-1.0.dist-info").mkdir()
    (tmp_path / "toy_texts-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-texts\n")
    for topic, word in TOPICS.items():
        folder = tmp_path / "toy_texts" / topic
        folder.mkdir(parents=True)
        for n in range(8):
            (folder / f"{n}.txt").write_text(
                f"Title {word} {n}\n\nThe {word} number {n} went to Hull with Ann Lee.\n"
            )
    return {
        "kind": "wheel",
        "distribution": "toy-texts",
        "folder": "toy_texts",
        "sha256": folder_digest(tmp_path / "toy_texts"),
        "reader": reader,
    }


def generated(tmp_path, task):
    return {"kind": "generated", "train": 30, "test": 10, "classes": 3}


MAKERS = {"files": files, "hub": hub, "generated": generated}
MAKERS |= {name: partial(wheel, reader=name) for name in WHEEL_READERS}
UNION, _ = get_args(Source)
KINDS = [get_args(block.model_fields["kind"].annotation)[0] for block in get_args(UNION)]
CASES = [
    *((kind, task) for kind in KINDS if kind != "wheel" for task in get_args(Task)),
    *((name, reader.task) for name, reader in WHEEL_READERS.items()),
]


@pytest.fixture
def block(source, task, tmp_path, monkeypatch):
    if source == "hub":
        datasets = pytest.importorskip("datasets")
        monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert source in MAKERS, f"write a function above that makes a source of kind {source}"
    source = MAKERS[source](tmp_path, task)
    return DatasetBlock.model_validate(
        {"task": task, "source": source, "budget": {"seed": 1, "query": 1, "iterations": 1}}
    )


@pytest.mark.parametrize(("source", "task"), CASES)
def test_contract(block, task):
    sources.check(block, "datasets.d")
    found = prepare(block, "datasets.d")
    dataset = found.dataset
    assert dataset.task == task
    assert len(set(dataset.labels)) == len(dataset.labels) > 1
    for name, split in (("train", dataset.train), ("test", dataset.test)):
        assert len(split) == len(split.texts) == found.stats["splits"][name]["instances"] > 0
        assert split.ids[0] >= 0
        assert (np.diff(split.ids) > 0).all()
        assert (split.tokens > 0).all()
        assert split.targets.dtype == np.int64
        assert len(split.targets) == (len(split) if task == "classification" else split.tokens.sum())
        assert split.targets.min() >= 0
        assert split.targets.max() < len(dataset.labels)
        kind = str if task == "classification" else tuple
        assert all(isinstance(text, kind) for text in split.texts)
    assert set(dataset.test.targets) <= set(dataset.train.targets)
    if task == "tagging":
        assert "O" in dataset.labels
    assert found.stats["source"]
    assert found.stats["sha256"]
    assert all(len(value) == 64 for value in found.stats["sha256"].values())
    json.dumps(found.stats, allow_nan=False)


@pytest.mark.parametrize(("source", "task"), CASES)
def test_the_same_twice(block):
    one, two = prepare(block, "datasets.d"), prepare(block, "datasets.d")
    assert one.stats == two.stats
    for a, b in ((one.dataset.train, two.dataset.train), (one.dataset.test, two.dataset.test)):
        assert a.texts == b.texts
        assert a.ids.tolist() == b.ids.tolist()
        assert a.targets.tolist() == b.targets.tolist()
