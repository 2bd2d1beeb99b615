import json
from types import SimpleNamespace

import numpy as np
import pytest
from feasible_al.core.errors import InputError
from feasible_al.data.prepare import prepare
from feasible_al.data.rows import label_order, with_names
from feasible_al.data.types import Row, Split
from feasible_al.jobs import Prepare
from feasible_al.stages.prepare import prepare as stage

CONLL = """\
-DOCSTART- O

Ann I-PER
Lee I-PER
met O
Bob I-PER
Hay B-PER

Hull I-LOC

in O
Bath I-LOC
"""


def csv(file, name, *pairs):
    return str(file(name, "text,label\n" + "".join(f"{text},{label}\n" for text, label in pairs)))


def files(kind, train, test, **rest):
    return {"kind": "files", "format": kind, "train": str(train), "test": str(test), **rest}


@pytest.fixture
def conll(file, block):
    source = files("conll", file("train.txt", CONLL), file("test.txt", "Hull I-LOC\n\nAnn I-PER\n\n"))
    return lambda **rest: block("tagging", source, **({"checks": {"iob": "repair"}} | rest))


def test_tagging_counted_by_hand(conll):
    found = prepare(conll(), "datasets.d")
    train = found.dataset.train
    assert found.dataset.labels == ("O", "B-LOC", "B-PER", "I-PER")
    assert train.texts == (("Ann", "Lee", "met", "Bob", "Hay"), ("Hull",), ("in", "Bath"))
    assert train.targets.tolist() == [2, 3, 0, 2, 2, 1, 0, 1]
    assert train.targets.dtype == train.ids.dtype == np.int64
    sha256 = found.stats.pop("sha256")
    assert [name.rsplit("/", 1)[1] for name in sha256] == ["train.txt", "test.txt"]
    assert found.stats.pop("source").startswith("conll files ")
    assert found.stats == {
        "task": "tagging",
        "labels": ["O", "B-LOC", "B-PER", "I-PER"],
        "classes": 2,
        "classes_with_o": 3,
        "splits": {
            "train": {
                "instances": 3,
                "tokens": 8,
                "mean_tokens": 8 / 3,
                "max_tokens": 5,
                "single_token": 1,
                "spans_per_type": {"LOC": 2, "PER": 3},
            },
            "test": {
                "instances": 2,
                "tokens": 2,
                "mean_tokens": 1.0,
                "max_tokens": 1,
                "single_token": 2,
                "spans_per_type": {"LOC": 1, "PER": 1},
            },
        },
        "checks": {
            "train": {
                "empty_dropped": 0,
                "repaired_tags": 4,
                "duplicates": 0,
                "duplicates_dropped": 0,
                "overlap": 1,
                "overlap_dropped": 0,
            },
            "test": {"empty_dropped": 0, "repaired_tags": 2, "duplicates": 0, "duplicates_dropped": 0},
        },
        "source_counts": {},
    }


def test_classification_counted_by_hand(file, block):
    train = csv(
        file, "train.csv", ("one two", "y"), ("three\\four five", "x"), ("ONE  two", "y"), ("six", "x")
    )
    test = csv(file, "test.csv", ("six", "y"), ("a\\\\b", "x"))
    made = block(
        "classification", files("csv", train, test), checks={"duplicates": "drop", "overlap": "drop"}
    )
    found = prepare(made, "datasets.d")
    assert found.dataset.labels == ("x", "y")
    assert found.dataset.train.ids.tolist() == [0, 1]
    assert found.dataset.train.texts == ("one two", "three\\four five")
    assert found.dataset.train.targets.tolist() == [1, 0]
    assert found.stats["splits"]["train"] == {
        "instances": 2,
        "tokens": 5,
        "mean_tokens": 2.5,
        "max_tokens": 3,
        "single_token": 0,
        "per_class": {"x": 1, "y": 1},
    }
    assert found.stats["splits"]["test"]["tokens"] == 3
    assert found.stats["classes"] == 2
    assert "classes_with_o" not in found.stats


def test_ids_are_row_numbers_before_anything_is_dropped(file, block):
    lines = [{"tokens": words, "tags": ["B-X"] * len(words)} for words in ([], ["a"], [], ["b", "c"])]
    path = file("a.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    found = prepare(block("tagging", files("jsonl", path, path)), "datasets.d")
    assert found.dataset.train.ids.tolist() == [1, 3]
    assert found.stats["checks"]["train"]["empty_dropped"] == 2


def test_expected_sizes(conll):
    right = {"train": {"instances": 3, "tokens": 8}, "test": {"instances": 2, "tokens": 2}}
    prepare(conll(expect=right), "datasets.d")
    with pytest.raises(InputError) as error:
        prepare(conll(expect={"train": {"instances": 3, "tokens": 9}}), "datasets.d")
    assert str(error.value) == "datasets.d.expect.train.tokens: expected 9 tokens in the train set, found 8"
    with pytest.raises(InputError, match=r"expect\.test\.instances: expected 1,000 instances.*found 2"):
        prepare(conll(expect={"test": {"instances": 1000}}), "datasets.d")


def rows(*targets):
    return {"train": [Row("t", target, f"f:{n}") for n, target in enumerate(targets, start=1)], "test": []}


def targets(found):
    return [row.target for row in found["train"]]


def test_integers_are_places_among_the_labels():
    assert targets(with_names(rows("0", "2"), ("z", "y", "x"), "classification")) == ["z", "x"]
    assert targets(with_names(rows(("0", "1")), ("O", "B-X"), "tagging")) == [("O", "B-X")]
    # Stars: all are names, so none is a place.
    assert targets(with_names(rows("1", "2"), ("1", "2", "3"), "classification")) == ["1", "2"]
    assert targets(with_names(rows("0", "1"), ("1", "2", "3"), "classification")) == ["1", "2"]
    assert targets(with_names(rows("b"), None, "classification")) == ["b"]


@pytest.mark.parametrize("other", ["new  york", "new york ", "\u00a0new york", "newyork", "new\u200b york"])
def test_classes_that_differ_by_blanks_alone(other, file, block):
    path = csv(file, "a.csv", ("t", "new york"), ("u", "New York"), ("v", "hull"))
    test = csv(file, "b.csv", ("w", "hull"), ("x", other))
    with pytest.raises(InputError) as error:
        prepare(block("classification", files("csv", path, test)), "datasets.d")
    assert str(error.value) == (
        f"{test}:3: the labels {other!r} and 'new york' (at {path}:2) differ only in blanks; use one of them"
    )
    # Those that differ in case are two.
    assert prepare(block("classification", files("csv", path, path)), "datasets.d").dataset.labels == (
        "New York", "hull", "new york"
    )  # fmt: skip


def test_types_that_differ_by_blanks_alone(file, block):
    path = file("a.txt", "Ann\tB-PER\nLee\tI-PER \n")
    made = block("tagging", files("conll", path, path), checks={"iob": "repair"})
    with pytest.raises(InputError, match=r"a.txt:1: the labels 'PER ' and 'PER' .* differ only in blanks"):
        prepare(made, "datasets.d")


def test_a_label_that_is_not_listed():
    with pytest.raises(InputError, match="f:2: the label '2' is none of: z, y"):
        with_names(rows("1", "2"), ("z", "y"), "classification")
    with pytest.raises(InputError, match="f:2: the label 'w' is none of: z, y"):
        with_names(rows("z", "w"), ("z", "y"), "classification")


def test_order_of_labels(file, block):
    assert label_order(rows("b", "a")["train"], None, "classification") == ("a", "b")
    assert label_order(rows(("I-X", "B-X"))["train"], None, "tagging") == ("O", "B-X", "I-X")
    assert label_order(rows(("B-X", "I-X"))["train"], ("I-X", "O"), "tagging") == ("I-X", "O", "B-X")
    path = csv(file, "a.csv", ("t", "a"), ("u", "b"))
    made = block("classification", files("csv", path, path, labels=["b", "c", "a"]))
    dataset = prepare(made, "datasets.d").dataset
    assert dataset.labels == ("b", "c", "a")
    assert dataset.train.targets.tolist() == [2, 0]


def test_tags_without_o_get_one_after_the_given():
    assert label_order(rows(("B-X", "I-X"))["train"], ("B-X", "I-X"), "tagging") == ("B-X", "I-X", "O")
    assert label_order(rows("b")["train"], ("b", "a"), "classification") == ("b", "a")


def test_a_tag_that_only_the_test_set_has(file, block):
    train, test = file("a.txt", "Bath B-LOC\nis O\n"), file("b.txt", "New B-LOC\nYork I-LOC\n")
    found = prepare(
        block("tagging", files("conll", train, test, labels=["B-LOC", "I-LOC", "O"])), "datasets.d"
    )
    assert found.dataset.test.targets.tolist() == [0, 1]
    with pytest.raises(InputError, match=r"b\.txt:1: the label 'I-LOC' occurs in the test set"):
        prepare(block("tagging", files("conll", train, test)), "datasets.d")


@pytest.mark.parametrize("labels", [None, ["x", "y"]])
def test_one_class_alone_is_refused(file, block, labels):
    one, two = csv(file, "a.csv", ("t", "x"), ("u", "x")), csv(file, "b.csv", ("v", "x"), ("w", "y"))
    with pytest.raises(InputError, match=r"^datasets\.d\.source: every instance of the train set is .* 'x'"):
        prepare(block("classification", files("csv", one, one, labels=labels)), "datasets.d")
    prepare(block("classification", files("csv", two, one, labels=labels)), "datasets.d")


@pytest.mark.parametrize("empty", ["train", "test"])
def test_a_split_without_a_span_is_refused(file, block, empty):
    paths = {"train": file("a.txt", "Bath B-LOC\nis O\n"), "test": file("b.txt", "Bath B-LOC\n")}
    paths[empty] = file("c.txt", "is O\n")
    source = files("conll", paths["train"], paths["test"], labels=["O", "B-LOC"])
    with pytest.raises(InputError, match=f"every tag of the {empty} set is O"):
        prepare(block("tagging", source), "datasets.d")


def test_named_tags_that_are_no_tags_are_no_types(file, block):
    path = file("a.txt", "Bath B-LOC\nis O\n")
    source = files("conll", path, path, labels=["O", "B-LOC", "I-PER", "PAD"])
    assert prepare(block("tagging", source), "datasets.d").stats["classes"] == 2


def test_tokens_of_texts_are_split_at_backslashes():
    split = Split(np.arange(3), ("a\\b c", "\\ \\", "d\u00a0e\nf"), np.zeros(3, dtype=np.int64))
    assert split.tokens.tolist() == [3, 0, 3]


def test_the_stage_writes_all_or_nothing(conll, tmp_path):
    def run(**rest):
        config = SimpleNamespace(datasets={"toy": conll(**rest)}, models={}, externals={})
        stage(config, Prepare("toy"), tmp_path / "run")

    with pytest.raises(InputError, match=r"train\.txt:3: 'I-PER' continues no span"):
        run(checks={})
    with pytest.raises(InputError, match=r"^datasets\.toy\.expect\.train\.instances"):
        run(expect={"train": {"instances": 9}})
    assert not (tmp_path / "run").exists()
    run()
    written = sorted(path.name for path in (tmp_path / "run" / "data" / "toy").iterdir())
    assert written == ["stats.json", "test.parquet", "train.parquet"]
