"""`plan` counts files that are here but not prepared: the same sizes, and the same plan, as after preparing."""

import json

import pandas as pd
import pytest
from feasible_al.core.errors import InputError
from feasible_al.estimate.plan import plan
from feasible_al.estimate.sizes import Size, counted_sizes_of, sizes_of
from feasible_al.jobs import Prepare
from feasible_al.jobs.resolve import resolve
from feasible_al.stages.prepare import prepare

from tests.small_config import CNN, LC, small_config

TRAIN = [
    ("one two", "a"),
    ("One  Two", "b"),
    ("three", "a"),
    ("four\\five", "b"),
    ("in both", "a"),
    ("six", "b"),
]
TEST = [("in both", "a"), ("seven eight nine", "b")]


def write(path, rows, kind):
    texts, labels = zip(*rows, strict=True)
    table = pd.DataFrame({"text": texts, "label": labels})
    if kind == "csv":
        table.to_csv(path, index=False)
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_dict("records")))
    elif kind == "parquet":
        table.to_parquet(path, index=False)
    else:
        lines = [
            [*(f"{word} O" for word in text.split()[:-1]), f"{text.split()[-1]} B-{label}"]
            for text, label in rows
        ]
        path.write_text("\n\n".join("\n".join(sentence) for sentence in lines) + "\n")


def config(kind, **block):
    source = {"kind": "files", "format": kind, "train": "train", "test": "test"} | block.pop("source", {})
    task = "tagging" if kind == "conll" else "classification"
    budget = {"seed": 1, "query": 1, "iterations": 2}
    series = LC | {"strategy": "mnlp"} if kind == "conll" else LC
    model = (
        {"kind": "cnn_bilstm_crf", "embeddings": {"kind": "random", "size": 4}} if kind == "conll" else CNN
    )
    dataset = {"task": task, "source": source, "budget": budget, **block}
    return resolve(
        small_config("counted", datasets={"topics": dataset}, series={"s": series}, models={"cnn": model})
    )


@pytest.mark.parametrize(
    ("kind", "block", "train", "test"),
    [
        ("csv", {}, Size(6, 10), Size(2, 5)),
        ("jsonl", {}, Size(6, 10), Size(2, 5)),
        ("parquet", {}, Size(6, 10), Size(2, 5)),
        ("csv", {"checks": {"duplicates": "drop", "overlap": "drop"}}, Size(4, 6), Size(2, 5)),
        ("csv", {"profile": {"kind": "explicit", "counts": {"a": 2, "b": 2}}}, None, Size(2, 5)),
        ("jsonl", {"source": {"limit": {"train": 4, "test": 1}}}, None, None),
        ("conll", {}, Size(6, 9), Size(2, 5)),
    ],
)
def test_the_sizes_are_those_of_the_prepared_data(tmp_path, kind, block, train, test):
    write(tmp_path / "train", TRAIN, kind)
    write(tmp_path / "test", TEST, kind)
    made = config(kind, **block)
    folder = tmp_path / "results/counted"
    before, planned = counted_sizes_of(made, "topics", folder), plan(made, folder)
    assert not folder.exists()
    assert train in (None, before.train)
    assert test in (None, before.test)
    prepare(made, Prepare("topics"), folder)
    assert before == sizes_of(made, "topics", folder)
    assert planned == plan(made, folder)


def test_a_file_that_cannot_be_prepared_cannot_be_planned(tmp_path):
    write(tmp_path / "train", TRAIN, "csv")
    (tmp_path / "test").write_text("text,label\nseven,a,b\n")
    with pytest.raises(InputError, match="test:2: 3 columns where the header has 2"):
        plan(config("csv"), tmp_path)
    (tmp_path / "test").unlink()
    with pytest.raises(InputError, match=r"datasets\.topics\.source\.test: no such file: test"):
        plan(config("csv"), tmp_path)
