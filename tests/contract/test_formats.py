"""The same rows in every format, through every source: they arrive as they were written."""

import csv
import json

import pyarrow as pa
import pytest
from feasible_al.config.data import DatasetBlock
from feasible_al.data import sources
from feasible_al.data.readers import FORMATS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

AWKWARD = [
    "01", "1", "-0", "1e5", "1.0", "12345678901234567890123", "None", "NA", "N/A", "null", "nan", "NaN", "true",
    "False", "2024-01-01", "2024-01-01T00:00:00Z", "12:30", "[1, 2]", '{"a": 1}', '"quoted"', 'half "', "a,b", "a;b",
    "it's", "line\nline", "line\r\nline", "line\rline", "\ttab\t", "  blanks  ", "no\u00a0break", "\u200bwidth",
    "a\u2028b", "a\x85b", "\x0bx\x0c", "a\x00b", "caf\u00e9", "cafe\u0301", "\U0001f600", "#", "# text", "=1+1", "\\N",
    "\\", "-DOCSTART-", "\ufeffmark",
]  # fmt: skip
SUFFIXES = {"csv": ("csv", "tsv"), "jsonl": ("jsonl", "json")}  # of formats whose files have several
ON_THE_HUB = {"csv", "tsv", "jsonl", "json", "parquet"}
WORDS = [word for word in AWKWARD if "\n" not in word and "\r" not in word and "\t" not in word]


def kinds(task):
    """The suffixes of files that can carry a task, of all registered formats."""
    able = (name for name, known in FORMATS.items() if task in known.columns)
    return [suffix for name in able for suffix in SUFFIXES.get(name, (name,))]


def cases(task):
    """Each suffix with the kinds of sources that can hold such files."""
    return [(kind, source) for kind in kinds(task) for source in ("files", "hub")[: 1 + (kind in ON_THE_HUB)]]


def write(kind, path, rows, columns):
    """Write pairs of text and label to a file, with the usual library for its format."""
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    if kind == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns, *rows])
    elif kind == "tsv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t").writerows([columns, *rows])
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    elif kind == "json":
        path.write_text(json.dumps(records, indent=1), encoding="utf-8")
    elif kind == "parquet":
        parquet.write_table(pa.Table.from_pylist(records), path)
    elif kind == "conll":
        sentences = ("".join(f"{w}\t{t}\n" for w, t in zip(*row, strict=True)) for row in rows)
        path.write_bytes("\n".join(sentences).encode())
    else:
        pytest.fail(f"write() above writes no {kind} files yet")


def read(kind, source, folder, task):
    """Texts and targets of both splits."""
    if source == "files":
        name = next((name for name, suffixes in SUFFIXES.items() if kind in suffixes), kind)
        paths = {split: f"{folder}/{split}.{kind}" for split in ("train", "test")}
        block = {"kind": "files", "format": name, **paths}
    else:
        block = {"kind": "hub", "repository": str(folder)}
    budget = {"seed": 1, "query": 1, "iterations": 1}
    made = DatasetBlock.model_validate({"task": task, "source": block, "budget": budget})
    loaded = sources.load(made.source, task, "s")
    return [[(row.text, row.target) for row in loaded.rows[split]] for split in ("train", "test")]


@pytest.fixture
def cache(monkeypatch, tmp_path):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.mark.parametrize(("kind", "source"), cases("classification"))
@pytest.mark.parametrize(
    "rows",
    [
        [(text, text) for text in AWKWARD],
        [("5", "01"), ("4", "02")],
        [("2024-01-01", "2024-01-01"), ("2024-01-02", "2024-01-02")],
        [("None", "NA"), ("null", "nan")],
        [("true", "true"), ("false", "false")],
    ],
    ids=["awkward", "numbers", "dates", "nothing", "truth"],
)
def test_texts_and_classes(rows, kind, source, cache):
    for split in ("train", "test"):
        write(kind, cache / f"{split}.{kind}", rows, ("text", "label"))
    assert read(kind, source, cache, "classification") == [rows, rows]


@pytest.mark.parametrize(("kind", "source"), cases("tagging"))
def test_words_and_tags(kind, source, cache):
    # -DOCSTART- begins a document, so it cannot be a word of a CoNLL file.
    words = tuple(word for word in WORDS if word != "-DOCSTART-")
    dates = ("2024-01-01", "2024-01-02")
    rows = [(words, tuple(f"B-{word}" for word in words)), (dates, ("O", "O")), (("1", "02"), ("O", "B-1"))]
    if kind == "conll":
        rows[0] = (words, tuple("B-" + "".join(word.split()) for word in words))
    for split in ("train", "test"):
        write(kind, cache / f"{split}.{kind}", rows, ("tokens", "tags"))
    assert read(kind, source, cache, "tagging") == [rows, rows]


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1) | st.sampled_from(AWKWARD)
named = texts.filter(lambda text: text.strip())


@pytest.mark.parametrize("kind", kinds("classification"))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(texts, named), min_size=1, max_size=6))
def test_any_texts_and_classes(rows, kind, tmp_path):
    for split in ("train", "test"):
        write(kind, tmp_path / f"{split}.{kind}", rows, ("text", "label"))
    assert read(kind, "files", tmp_path, "classification") == [rows, rows]
