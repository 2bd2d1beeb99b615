"""A hostile dataset: whatever its texts and labels are, they stay plain data."""

import csv
import json
import os
import random
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from feasible_al.cli import main
from feasible_al.config.data import Columns, FilesSource
from feasible_al.core.errors import InputError, printable
from feasible_al.data.kinds import files
from feasible_al.data.readers.base import layout
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.tokens import Tokens
from feasible_al.jobs.resolve import load, save
from feasible_al.models import cnn_bilstm_crf
from feasible_al.models.architectures.cnn_bilstm_crf import CnnBilstmCrf
from feasible_al.models.words import LONGEST, Vocabulary, tokenize_subwords
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

LONG = 10_000_000


def source(kind, path):
    return FilesSource(kind="files", format=kind, train=str(path), test=str(path))


def write(kind, path, rows):
    """Texts and labels as a file of that format."""
    if kind == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", "label"), *rows])
    elif kind == "jsonl":
        path.write_text("".join(json.dumps({"text": t, "label": n}) + "\n" for t, n in rows))
    else:
        pd.DataFrame(rows, columns=["text", "label"]).to_parquet(path)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_texts_and_labels_arrive_as_they_are(kind, hostile, tmp_path):
    texts = [text for name, text in hostile.items() if (kind, name) != ("csv", "lines")]
    rows = [(text, text) for text in texts] + [(hostile["words"] * 101, "long")]
    write(kind, tmp_path / "data", rows)
    found = files.load(source(kind, tmp_path / "data"), "classification", "s").rows["train"]
    assert [(row.text, row.target) for row in found] == rows
    assert len(found[-1].text) > LONG


def test_line_breaks_inside_quotes_arrive_as_they_are(hostile, tmp_path):
    write("csv", tmp_path / "data", [(hostile["lines"], "a\nb\r")])
    found = files.load(source("csv", tmp_path / "data"), "classification", "s").rows["train"]
    assert [(row.text, row.target) for row in found] == [(hostile["lines"], "a\nb\r")]


def test_words_and_tags_of_a_column_file_arrive_as_they_are(tmp_path):
    words = ["=1+1", "a\x00b", "\x1b[31m", "<b>", "../../x", "\u202e", "x" * LONG, "\x85", "\u2028"]
    (tmp_path / "data").write_text("".join(f"{word} B-{word[:20]}\n" for word in words), encoding="utf-8")
    found = files.load(source("conll", tmp_path / "data"), "tagging", "s").rows["train"]
    assert [(row.text, row.target) for row in found] == [(tuple(words), tuple(f"B-{w[:20]}" for w in words))]


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "a", "label": ' + "1" * 5000 + "}",
        "[" * 100_000,
        '{"text": "\\ud800", "label": "x"}',
        '{"text": "a", "label": "\\udfff"}',
        '{"text": {"$ref": "/etc/passwd"}, "label": "x"}',
        '{"text": "a", "label": NaN}',
    ],
)
def test_harmful_json_is_refused_with_its_line(line, tmp_path):
    (tmp_path / "data").write_text('{"text": "fine", "label": "x"}\n' + line + "\n")
    with pytest.raises(InputError, match=r"data:2: ") as error:
        files.load(source("jsonl", tmp_path / "data"), "classification", "s")
    assert len(str(error.value)) < 3000


def prepared(tmp_path, rows, task="classification"):
    """Run the first job on rows of JSON lines; returns its exit code."""
    data = "\n".join(json.dumps({"text": t, "label": n} if task == "classification" else {"tokens": t, "tags": n}) for t, n in rows)  # fmt: skip
    (tmp_path / "train.jsonl").write_text(data)
    path = config_of(tmp_path, task)
    resolved = save(load([path]), tmp_path / "results" / "hostile")
    return main(["step", str(resolved), "data/mine"])


def config_of(folder, task, **models_of):
    """A config over ``train.jsonl``; a series per model that it trains."""
    where = folder / "train.jsonl"
    models_of = models_of or {"cnn": {"kind": "text_cnn", "embedding_size": 4, "filters": 2}}
    strategy = {"classification": "least_confidence", "tagging": "mnlp"}[task]
    series = {
        name: {"datasets": ["mine"], "acquisition": name, "strategy": strategy, "successor": name}
        for name in models_of
    }
    raw = {
        "run": {"name": "hostile"},
        "seeds": [1],
        "datasets": {
            "mine": {
                "task": task,
                "source": {"kind": "files", "format": "jsonl", "train": str(where), "test": str(where)},
                "budget": {"seed": 8, "query": 8, "iterations": 1} if task == "classification" else {"seed": 40, "query": 40, "iterations": 1},
                "training": {"epochs": 1, "minimum_steps": 2},
            }
        },
        "models": models_of,
        "series": {**series, "random": {"datasets": ["mine"], "strategy": "random", "successor": next(iter(models_of))}},
    }  # fmt: skip
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(raw))
    return path


@pytest.mark.parametrize("name", ["terminal", "html", "bidi", "lines", "nul", "path", "word"])
def test_a_label_in_a_message_is_harmless(name, hostile, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert prepared(tmp_path, [(("a", "b"), ("O", hostile[name]))], "tagging") == 2
    error = capsys.readouterr().err.removesuffix("\n")
    assert error.startswith(f"error: {tmp_path}/train.jsonl:1 word 2: ")
    assert printable(error) == error  # one line, no control characters
    assert len(error) < 3000
    assert not (tmp_path / "results/hostile/data").exists()
    notes = list((tmp_path / "results/hostile/state").glob("*/failure.json"))
    assert json.loads(notes[0].read_text())["message"] in error


def test_prepared_labels_and_texts_are_those_of_the_source(hostile, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [(f"{text} {place}", text) for place, text in enumerate([*hostile.values()] * 2)]
    assert prepared(tmp_path, rows) == 0
    folder = tmp_path / "results/hostile/data/mine"
    table = pd.read_parquet(folder / "train.parquet")
    assert list(zip(table["text"], table["label"], strict=True)) == rows
    assert json.loads((folder / "stats.json").read_text(encoding="utf-8"))["labels"] == sorted(
        hostile.values()
    )
    assert sorted(path.name for path in folder.iterdir()) == ["stats.json", "test.parquet", "train.parquet"]


class TestLength:
    """A text of ten megabytes is as much work for a model as its longest allowed input."""

    @pytest.fixture(scope="class")
    def tokenizer(self):
        words = Tokenizer(models.WordLevel({"[PAD]": 0, "[UNK]": 1, "a": 2}, unk_token="[UNK]"))
        words.pre_tokenizer = pre_tokenizers.Whitespace()
        return PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]")

    @pytest.mark.parametrize("text", ["a " * (LONG // 2), "x" * LONG, "\x00" * LONG, "大" * LONG])
    def test_of_subwords(self, text, tokenizer):
        assert len(tokenize_subwords(tokenizer, [text, "a"], 64).ids) <= 65
        assert len(tokenize_subwords(tokenizer, [(text, "a"), ("a",)], 64).ids) <= 65

    def test_of_subwords_of_short_words_is_exact(self, tokenizer):
        generator = random.Random(1)
        text = " ".join(generator.choice(["a", "b" * generator.randint(1, 150)]) for _ in range(5000))
        whole = tokenizer(text, truncation=True, max_length=64)["input_ids"]
        assert tokenize_subwords(tokenizer, [text], 64).ids.tolist() == whole

    def test_of_words(self):
        long = "anything " * 100_000
        tokens = Vocabulary([long]).tokenize([long, "anything"], None)
        assert tokens.lengths.tolist() == [LONGEST, 1]
        assert Vocabulary([]).tokenize([long], 7).lengths.tolist() == [7]

    def test_of_sentences_and_of_their_words(self):
        import numpy as np

        texts = (("a",) * 100_000, ("x" * LONG, "a"))
        split = Split(np.arange(2), texts, np.zeros(100_002, dtype=np.int64))
        block = CnnBilstmCrf(
            kind="cnn_bilstm_crf", character_size=2, hidden_size=4, feed_forward_size=4, filters=2
        )
        recipe = block.recipe(Dataset("tagging", ("O", "B-a", "I-a"), split, split), None, "models.m", None)
        tokens: Tokens = recipe.tokenize(split)
        assert tokens.lengths.tolist() == [LONGEST, 2]
        model = recipe.fresh(0, 0, "cpu", plain=True)
        assert model.characters.characters.shape == (3, cnn_bilstm_crf.LETTERS)


def run(folder, path):
    """`feasible-al run` in ``folder``, with a limit on its memory; it must succeed and print harmless lines."""
    limited = (
        "import resource, runpy, sys; sys.argv[0] = 'feasible-al';"
        "resource.setrlimit(resource.RLIMIT_DATA, (6 << 30, 6 << 30));"
        "runpy.run_module('feasible_al.cli', run_name='__main__')"
    )
    answer = subprocess.run(
        [sys.executable, "-c", limited, "run", "--at-once", "2", str(path)],
        cwd=folder, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    output = answer.stdout + answer.stderr
    assert answer.returncode == 0, output
    assert all(printable(line) == line for line in output.split("\n"))
    return folder / "results/hostile"


@pytest.mark.slow
@pytest.mark.parametrize("task", ["classification", "tagging"])
def test_a_whole_run(task, hostile, tmp_path):
    classes = [hostile[name] for name in ("html", "terminal", "equals", "path", "nul", "lines")]
    texts = [*hostile.values(), hostile["words"] * 101, "大" * (LONG // 3)]
    if task == "classification":
        rows = [
            (f"{text} {copy}", classes[(place + copy) % 6])
            for copy in range(6)
            for place, text in enumerate(texts)
        ]
        rows = [row for place, row in enumerate(rows) if len(row[0]) < LONG // 4 or place < 2 * len(texts)]
        data = [json.dumps({"text": text, "label": name}) for text, name in rows]
        models_of = {
            "cnn": {"kind": "text_cnn", "embedding_size": 4, "filters": 2},
            "bert": {"kind": "encoder", "weights": {"kind": "scratch", "layers": 1, "hidden_size": 8}},
        }
    else:
        rows = [
            ((f"w{copy}", text), ("O", f"B-{classes[(place + copy) % 6]}"))
            for copy in range(6)
            for place, text in enumerate(texts)
        ]
        data = [json.dumps({"tokens": words, "tags": tags}) for words, tags in rows]
        models_of = {
            "crf": {"kind": "cnn_bilstm_crf", "character_size": 4, "hidden_size": 4, "feed_forward_size": 4}
        }
    (tmp_path / "work").mkdir()
    (tmp_path / "train.jsonl").write_text("\n".join(data))
    folder = run(tmp_path / "work", config_of(tmp_path, task, **models_of))
    assert sorted(os.listdir(tmp_path)) == ["config.yaml", "train.jsonl", "work"]  # noqa: PTH208
    assert sorted(os.listdir(tmp_path / "work")) == [".snakemake", "results"]  # noqa: PTH208
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*")]
    assert all(name.isascii() and name.isprintable() and ".." not in name for name in names)
    prepared = pd.read_parquet(folder / "data/mine/train.parquet")
    column = "text" if task == "classification" else "words"
    assert [text if isinstance(text, str) else tuple(text) for text in prepared[column]] == [
        text for text, _ in rows
    ]
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert "alert(1)" not in report  # no text and no class name of the data is shown at all
    for path in [folder / "report.html", *folder.glob("tables/*"), *folder.glob("figures/*.csv")]:
        assert all(printable(line) == line for line in path.read_text(encoding="utf-8").split("\n"))


def test_layouts_name_columns_only(hostile):
    """Column names of the config are only looked up in the file, never used as a path."""
    for text in hostile.values():
        assert layout("csv", Columns(text=text, label=text), "classification").columns == [text, text]
