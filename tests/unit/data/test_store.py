import hashlib
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_record
from feasible_al.data import store
from feasible_al.data.prepare import Prepared, statistics
from feasible_al.data.types import Dataset, Split
from hypothesis import given, settings
from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@st.composite
def datasets(draw):
    task = draw(st.sampled_from(["classification", "tagging"]))
    if task == "classification":
        labels = tuple(draw(st.lists(TEXT.filter(bool), min_size=1, max_size=4, unique=True)))
    else:
        labels = draw(st.permutations(["O", "B-X", "I-X"]).map(tuple))

    def split():
        ids = draw(st.lists(st.integers(0, 2**62), min_size=1, max_size=5, unique=True).map(sorted))
        words = st.lists(TEXT, min_size=1, max_size=4).map(tuple)
        texts = tuple(draw(TEXT if task == "classification" else words) for _ in ids)
        size = len(ids) if task == "classification" else sum(map(len, texts))
        targets = draw(st.lists(st.integers(0, len(labels) - 1), min_size=size, max_size=size))
        return Split(np.array(ids, dtype=np.int64), texts, np.array(targets, dtype=np.int64))

    return Dataset(task, labels, split(), split())


def assert_equal(one, two):
    assert (one.task, one.labels) == (two.task, two.labels)
    for a, b in ((one.train, two.train), (one.test, two.test)):
        assert a.texts == b.texts
        for x, y in ((a.ids, b.ids), (a.targets, b.targets)):
            assert x.dtype == y.dtype == np.int64
            assert x.tolist() == y.tolist()


@settings(max_examples=40, deadline=None)
@given(datasets())
def test_round_trip(dataset):
    with tempfile.TemporaryDirectory() as folder:
        store.write(Path(folder), Prepared(dataset, statistics(dataset)), {"hash": "hash"})
        assert_equal(store.read(Path(folder)), dataset)


@pytest.fixture
def tagged(tmp_path):
    split = Split(np.array([3, 7]), (("a", "b"), ("c",)), np.array([1, 0, 0]))
    dataset = Dataset("tagging", ("O", "B-X"), split, split)
    store.write(tmp_path / "toy", Prepared(dataset, statistics(dataset)), {"hash": "hash"})
    return tmp_path / "toy"


def test_columns(tagged):
    table = pq.read_table(tagged / "train.parquet")
    assert table.to_pydict() == {
        "id": [3, 7],
        "words": [["a", "b"], ["c"]],
        "tags": [["B-X", "O"], ["O"]],
    }
    assert str(table.schema.field("id").type) == "int64"
    assert str(table.schema.field("words").type).startswith("list<")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("stats.json", None),
        ("train.parquet", None),
        ("stats.json", "{"),
        ("stats.json", "[]"),
        ("stats.json", "{}"),
        ("stats.json", '{"task": "classification", "labels": ["O", "B-X"]}'),
        ("stats.json", '{"task": "tagging", "labels": ["O"]}'),
        ("test.parquet", "nonsense"),
    ],
)
def test_what_cannot_be_read_names_the_job(tagged, name, content):
    path = tagged / name
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(InputError, match="run the job `prepare` of 'toy' again") as error:
        store.read(tagged)
    assert str(error.value).startswith(f"{tagged}: ")


def test_statistics_keep_the_job_and_the_digests_of_the_files(tagged):
    stats = read_record(tagged / "stats.json", "")
    files = {name: (tagged / name).read_bytes() for name in ("train.parquet", "test.parquet")}
    assert stats["hash"] == "hash"
    assert stats["files"] == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def test_statistics_are_written_last(tmp_path):
    split = Split(np.array([0]), ("a",), np.array([0]))
    dataset = Dataset("classification", ("x",), split, split)
    with pytest.raises(ValueError, match="JSON"):
        store.write(tmp_path, Prepared(dataset, {"nan": float("nan")}), {"hash": "hash"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["test.parquet", "train.parquet"]
